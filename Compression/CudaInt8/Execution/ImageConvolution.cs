using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Packing;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>A convolution of up to four channels, such as the first of a network, on the tensor cores.</summary>
internal sealed class ImageConvolution : IDisposable
{
    private const int Warps = 4;

    /// <summary>Tiles of eight pixels of a warp: many where the GPU has enough blocks then, else few.</summary>
    private const int ManyTiles = 4, FewTiles = 1;

    private readonly EngineMemory memory;
    private readonly ConvStep step;
    private readonly CudaModule module;
    private readonly byte[] weights;
    private readonly float[] alpha, bias;
    private readonly int tiles;

    public ImageConvolution(EngineMemory memory, ConvStep step, KernelCode code)
    {
        (this.memory, this.step) = (memory, step);
        var window = step.Geometry.Window;
        weights = ImageWeights.Pack(step.Weights.Levels, step.Geometry.Output.Channels, window.KernelHeight, window.KernelWidth, step.Geometry.Input.Channels);
        (alpha, bias) = (PaddedWeights.Of(step.Weights.Alpha), PaddedWeights.Of(step.Weights.Bias));
        tiles = Pixels / (Warps * 8 * ManyTiles) >= 2 * memory.Device.Multiprocessors ? ManyTiles : FewTiles;
        module = CudaModule.Load(memory.Device, code.Of(Source(tiles)), $"step '{step.Name}'");
    }

    private int Pixels => memory.Plan.Batch * step.Geometry.Output.Height * step.Geometry.Output.Width;

    /// <summary>The kernel, named conv, as a source.</summary>
    /// <param name="tiles">Of eight pixels, of a warp.</param>
    public static string Source(int tiles) => KernelSources.Of(["fragments.cuh", "epilogue.cuh", "conv_image.cuh"], $"IMAGE({tiles})");

    /// <summary>True where this kernel computes a step.</summary>
    public static bool Fits(ConvStep step, PlanTensor output, int batch) =>
        step.Geometry is { Input.Channels: <= ImageWeights.MostChannels, Groups: 1, Window: { KernelWidth: <= ImageWeights.MostColumns, DilationHeight: 1, DilationWidth: 1 } window }
        && window.StrideHeight == window.StrideWidth && window.PadTop == window.PadLeft
        && output is { IsInteger: true, Stride: >= 8 } && batch * Math.Max(step.Geometry.Input.Height * step.Geometry.Input.Width * 4L, output.BytesPerImage) <= int.MaxValue
        && (long)batch * step.Geometry.Output.Height * step.Geometry.Output.Width <= (long)ushort.MaxValue * Warps * 8 * ManyTiles;

    public KernelLaunch Launch()
    {
        var parameters = TiledConvolution.Parameters(step, memory.Plan, memory.Of) with { W = memory.Constant(weights), Alpha = memory.Constant(alpha), Bias = memory.Constant(bias) };
        var pixelsOfBlock = Warps * 8 * tiles;
        return KernelLaunch.Of(
            memory.Device, step.Name, module.Kernel("conv"), (WeightBlocks.Padded(step.Geometry.Output.Channels) / WeightBlocks.Side, (Pixels + pixelsOfBlock - 1) / pixelsOfBlock, 1), 32 * Warps, 0, memory.Stream,
            parameters);
    }

    public void Dispose() => module.Dispose();
}
