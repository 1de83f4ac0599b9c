using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Reference;

/// <summary>Runs a plan on the processor, one plain loop for each step. Its numbers are the engine's definition: the GPU gives the same bits.</summary>
/// <remarks>Sums of products are exact in 32 bits, every other operation is one IEEE 754 operation in float32, so neither the order of pixels nor the number of threads
/// changes a bit. Not safe for several threads at once; several executors are.</remarks>
public sealed class ReferenceExecutor(ExecutionPlan plan)
{
    private readonly TensorValues?[] values = new TensorValues?[plan.Tensors.Length];

    /// <summary>Class scores of a batch.</summary>
    /// <param name="images">[N, C, H, W], N the plan's batch.</param>
    /// <param name="observe">Told the output of every step; null for none.</param>
    /// <returns>[N, classes].</returns>
    /// <exception cref="ArgumentException">There are more or fewer values than the plan's batch has.</exception>
    public float[] Run(ReadOnlySpan<float> images, Action<PlanStep, TensorValues>? observe = null)
    {
        if (images.Length != (long)plan.Batch * plan.Input.Count)
            throw new ArgumentException($"{images.Length} values were given, but {plan.Batch} images of {plan.Input} hold {(long)plan.Batch * plan.Input.Count}.", nameof(images));

        var copy = images.ToArray();
        foreach (var step in plan.Steps)
        {
            Run(step, copy);
            observe?.Invoke(step, Of(step.Output));
        }

        return [.. Of(plan.Output).Floats];
    }

    private TensorValues Of(int tensor) => values[tensor] ??= new(plan.Tensors[tensor], plan.Batch);

    private void Run(PlanStep step, float[] images)
    {
        switch (step)
        {
            case ImageStep image:
                Run(image, images);
                break;
            case StemStep stem:
                Run(stem.Image, images);
                Convolution.Run(stem.Conv, plan.Batch, Of(stem.Conv.From), null, Of(stem.Conv.To));
                Pooling.Run(stem.Pool, plan.Batch, Of(stem.Pool.From), Of(stem.Pool.To));
                break;
            case ConvStep conv:
                Convolution.Run(conv, plan.Batch, Of(conv.From), conv.Residual is { } residual ? Of(residual) : null, Of(conv.To));
                break;
            case FloatConvStep conv:
                Convolution.Run(conv, plan.Batch, Of(conv.From), Of(conv.To));
                break;
            case MaxPoolStep pool:
                Pooling.Run(pool, plan.Batch, Of(pool.From), Of(pool.To));
                break;
            case AveragePoolStep pool:
                Pooling.Run(pool, plan.Batch, Of(pool.From), Of(pool.To));
                break;
            case PointwiseStep pointwise:
                Pointwise.Run(pointwise, Of(pointwise.From[0]), pointwise.From.Length > 1 ? Of(pointwise.From[1]) : null, Of(pointwise.To));
                break;
            case ChannelStep channels:
                Run(channels, Of(channels.From), Of(channels.To));
                break;
            case FlattenStep flatten:
                Run(flatten, Of(flatten.From), Of(flatten.To));
                break;
            default:
                throw new NotSupportedException($"Step '{step.Name}' is a {step.GetType().Name}, which the reference does not know.");
        }
    }

    private void Run(ImageStep step, float[] images)
    {
        var (to, shape) = (Of(step.To), plan.Input);
        for (var i = 0; i < images.Length; i++)
        {
            var (image, channel, pixel) = (i / shape.Count, i % shape.Count / (shape.Height * shape.Width), i % (shape.Height * shape.Width));
            to[(image * shape.Height * shape.Width + pixel) * shape.Channels + channel] = images[i];
        }
    }

    private static void Run(ChannelStep step, TensorValues from, TensorValues to)
    {
        var (inputs, outputs) = (from.Tensor.Shape.Channels, to.Tensor.Shape.Channels);
        var pixels = (from.Tensor.IsInteger ? from.Levels.Length : from.Floats.Length) / inputs;
        for (var pixel = 0; pixel < pixels; pixel++)
        {
            for (var i = 0; i < step.Count; i++)
                Move(from, pixel * inputs + step.Start + i, to, pixel * outputs + step.Place(i));
        }
    }

    private void Run(FlattenStep step, TensorValues from, TensorValues to)
    {
        var shape = from.Tensor.Shape;
        for (var image = 0; image < plan.Batch; image++)
        {
            for (var i = 0; i < shape.Count; i++)
                Move(from, image * shape.Count + i, to, image * shape.Count + i % shape.Channels * (shape.Height * shape.Width) + i / shape.Channels);
        }
    }

    // Levels of one scale move as they are.
    private static void Move(TensorValues from, int source, TensorValues to, int target)
    {
        if (from.Tensor.IsInteger && from.Tensor.Scale == to.Tensor.Scale)
            to.Levels[target] = from.Levels[source];
        else
            to[target] = from[source];
    }
}
