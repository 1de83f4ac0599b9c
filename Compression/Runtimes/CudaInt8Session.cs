using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.CudaInt8.Reference;

namespace SparseGrid.Compression.Runtimes;

/// <summary>An exported file of dialect cuda-int8, ready to be called: on a GPU by the engine, on a processor by the reference executor. Both give the same bits.</summary>
public sealed class CudaInt8Session : IDisposable
{
    private readonly ExecutionPlan plan;
    private readonly CudaDevice? device;
    private readonly CudaInt8Engine? engine;
    private readonly ReferenceExecutor[] references = [];

    private CudaInt8Session(ExecutionPlan plan, CudaDevice device)
    {
        (this.plan, this.device) = (plan, device);
        engine = CudaInt8Engine.Build(plan, device);
    }

    private CudaInt8Session(ExecutionPlan plan, int threads) =>
        (this.plan, references) = (plan, [.. Enumerable.Range(0, threads).Select(_ => new ReferenceExecutor(plan))]);

    /// <summary>Who computes, in words.</summary>
    public string Executor => device is null ? "the reference executor on the processor" : $"engine cuda-int8 on {device.Name}";

    /// <summary>Loads a file for the first GPU.</summary>
    /// <param name="onnx">The file's bytes.</param>
    /// <param name="batch">Images that the engine computes at once; a call may have fewer.</param>
    /// <exception cref="InvalidDataException">The file is not one that the engine can run; says why.</exception>
    /// <exception cref="NotSupportedException">A layer has no kernel.</exception>
    /// <exception cref="CudaException">There is no GPU, no NVRTC, or not enough memory.</exception>
    public static CudaInt8Session OnGpu(byte[] onnx, int batch)
    {
        var plan = ExecutionPlan.FromFile(onnx, "the exported file", batch);
        var device = CudaDevice.Open();
        try
        {
            return new(plan, device);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Loads a file for the processor.</summary>
    /// <param name="threads">Images that are computed side by side, at least 1; their number changes no bit.</param>
    /// <exception cref="InvalidDataException">The file is not one that the engine can run; says why.</exception>
    /// <exception cref="NotSupportedException">A layer has no kernel.</exception>
    public static CudaInt8Session OnProcessor(byte[] onnx, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        return new(ExecutionPlan.FromFile(onnx, "the exported file", 1), threads);
    }

    /// <summary>Scores of some images.</summary>
    /// <param name="images">[count, C, H, W], row-major.</param>
    /// <param name="count">At least 1; on a GPU at most the batch.</param>
    /// <returns>[count, classes], row-major.</returns>
    public float[] Run(ReadOnlySpan<float> images, int count)
    {
        if (engine is null)
            return OneByOne(images.ToArray(), count);

        var (batch, scores) = (new float[plan.Batch * plan.Input.Count], new float[plan.Batch * plan.Classes]);
        images.CopyTo(batch);
        engine.Run(batch, scores);
        return scores[..(count * plan.Classes)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        engine?.Dispose();
        device?.Dispose();
    }

    private float[] OneByOne(float[] images, int count)
    {
        var (size, classes) = (plan.Input.Count, plan.Classes);
        var scores = new float[count * classes];
        Parallel.For(0, references.Length, new() { MaxDegreeOfParallelism = references.Length }, first =>
        {
            for (var image = first; image < count; image += references.Length)
                references[first].Run(images.AsSpan(image * size, size)).CopyTo(scores, image * classes);
        });
        return scores;
    }
}
