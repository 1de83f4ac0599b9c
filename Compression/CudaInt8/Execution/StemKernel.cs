using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Packing;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>The fused first steps of a ResNet: what a block makes, pooled rows or a part of one, is found by running all.</summary>
internal sealed class StemKernel : IDisposable
{
    private const int PooledRows = 56, Threads = 256, PixelBytes = 80, ImageRowBytes = 928, Width = 112;
    private static readonly (int Rows, int Parts)[] Forms = [(1, 1), (2, 1), (4, 1), (1, 2), (1, 4)];

    private readonly EngineMemory memory;
    private readonly StemStep step;
    private readonly List<CudaModule> modules = [];
    private readonly byte[] weights;

    public StemKernel(EngineMemory memory, StemStep step, KernelCode code, ImageForm images)
    {
        (this.memory, this.step) = (memory, step);
        weights = ImageWeights.Pack(step.Conv.Weights.Levels, 64, 7, 7, 3);
        var compiled = code.Of([.. Forms.Select(form => Source(form.Rows, images, form.Parts))]);
        try
        {
            foreach (var cubin in compiled)
                modules.Add(CudaModule.Load(memory.Device, cubin, "the stem"));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The kernel with that many pooled rows of a block, or parts of a row.</summary>
    public static string Source(int rows, ImageForm images, int parts = 1) => KernelSources.Of(["stem.cuh"], $"STEM({rows}, {(images == ImageForm.Float16ChannelsLast ? 1 : 0)}, {parts})");

    /// <summary>The fastest launch.</summary>
    public KernelLaunch Launch(KernelTimer timer)
    {
        var launches = Enumerable.Range(0, Forms.Length).Select(Launch).ToArray();
        var fastest = launches.MinBy(launch => timer.OfRecorded(launch.Enqueue, inRow: 4, rounds: 3))!;
        foreach (var other in launches.Where(launch => launch != fastest))
            other.Dispose();
        return fastest;
    }

    public void Dispose()
    {
        foreach (var module in modules)
            module.Dispose();
    }

    private KernelLaunch Launch(int i)
    {
        var (rows, parts) = Forms[i];
        var shared = (((4 * rows + 7) * ImageRowBytes + 127) & ~127) + (2 * rows + 1) * Width * PixelBytes;
        return KernelLaunch.Of(memory.Device, step.Name, modules[i].Kernel("stem", allShared: true), (PooledRows / rows * parts, memory.Plan.Batch, 1), Threads, shared, memory.Stream, new StemParameters
        {
            X = memory.Images.Value,
            W = memory.Constant(weights),
            Alpha = memory.Constant(step.Conv.Weights.Alpha),
            Bias = memory.Constant(step.Conv.Weights.Bias),
            Y = memory.Of(step.Output),
            Inverse = 1 / memory.Plan.Tensors[step.Image.To].Scale,
            High = step.Conv.High,
        });
    }
}
