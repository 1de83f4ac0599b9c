using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Reference;

/// <summary>Operations on each value, of the reference.</summary>
internal static class Pointwise
{
    private const float Sixth = 1f / 6;

    public static void Run(PointwiseStep step, TensorValues left, TensorValues? right, TensorValues to)
    {
        var shape = to.Tensor.Shape;
        var (channels, perImage) = (shape.Channels, shape.Count);
        var gate = right is not null && right.Tensor.Shape.Count != perImage;
        var count = to.Tensor.IsInteger ? to.Levels.Length : to.Floats.Length;
        for (var i = 0; i < count; i++)
        {
            var x = left[i];
            var y = right is null ? 0 : right[gate ? i / perImage * channels + i % channels : i];
            to[i] = step.Operation switch
            {
                PointwiseOperation.Copy => x,
                PointwiseOperation.Add => x + y,
                PointwiseOperation.Multiply => x * y,
                PointwiseOperation.Affine => MathF.FusedMultiplyAdd(x, step.Factor![i % channels], step.Shift![i % channels]),
                PointwiseOperation.Clip => TensorValues.Bounded(x, step.First, step.Second),
                PointwiseOperation.HardSigmoid => TensorValues.Bounded(MathF.FusedMultiplyAdd(step.First, x, step.Second), 0, 1),
                PointwiseOperation.Sigmoid => ExactSigmoid.Of(x),
                PointwiseOperation.HardSwish => x * TensorValues.Bounded(MathF.FusedMultiplyAdd(Sixth, x, 0.5f), 0, 1),
                _ => throw new NotSupportedException($"Operation {step.Operation} of step '{step.Name}' is unknown."),
            };
        }
    }
}
