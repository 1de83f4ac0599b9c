using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Packing;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>A convolution on the tensor cores with its weights on the GPU, to be launched with any tile.</summary>
internal sealed class TiledConvolution(ConvStep step, EngineMemory memory) : IDisposable
{
    private readonly Dictionary<bool, DeviceMemory> packed = [];

    /// <summary>What it computes.</summary>
    public ConvStep Step => step;

    /// <summary>Everything that decides which tile is fastest.</summary>
    public string Shape => $"{step.Geometry} in {step.Geometry.Input} pad {step.Geometry.Window.PadTop},{step.Geometry.Window.PadBottom},{step.Geometry.Window.PadRight} batch {memory.Plan.Batch} residual {step.Residual is not null}";

    /// <summary>A launch with one tile.</summary>
    /// <param name="kernel">The tile's kernel of that form.</param>
    /// <param name="workspace">Where split-K keeps its sums and counters.</param>
    public KernelLaunch Launch(Tile tile, int splits, bool twoFour, nint kernel, (nint Partials, nint Counters) workspace)
    {
        var (geometry, batch) = (step.Geometry, memory.Plan.Batch);
        var window = geometry.Window;
        var parameters = new ConvParameters
        {
            X = memory.Of(step.From),
            W = Weights(twoFour),
            Y = memory.Of(step.To),
            Residual = step.Residual is { } residual ? memory.Of(residual) : 0,
            Alpha = memory.Constant(step.Weights.Alpha),
            Bias = memory.Constant(step.Weights.Bias),
            Partials = workspace.Partials,
            Counters = workspace.Counters,
            Beta = step.Beta,
            Low = step.Low,
            High = step.High,
            H = geometry.Input.Height,
            W2 = geometry.Input.Width,
            C = geometry.Input.Channels,
            OH = geometry.Output.Height,
            OW = geometry.Output.Width,
            K = geometry.Output.Channels,
            P = batch * geometry.Output.Height * geometry.Output.Width,
            Stride = window.StrideHeight,
            Pad = window.PadTop,
            S = window.KernelWidth,
            Taps = window.KernelHeight * window.KernelWidth,
            ChannelBlocks = geometry.Input.Channels / WeightBlocks.Side,
            KBlocks = geometry.Products / WeightBlocks.Side,
            Splits = splits,
            Halo = tile.StagesRows ? tile.HaloPixels(geometry, batch) : 0,
            Buffers = tile.StagesRows ? Tile.Buffers(geometry, splits) : 0,
        };
        return KernelLaunch.Of(
            memory.Device, step.Name, kernel, (geometry.Output.Channels / tile.BM, tile.Grid(geometry, batch, twoFour, memory.Device.Multiprocessors, memory.Device.SharedBytes), splits), tile.Threads,
            tile.SharedBytes(geometry, batch, splits, twoFour), memory.Stream, parameters);
    }

    /// <summary>Frees the form that is not used.</summary>
    public void Keep(bool twoFour)
    {
        if (packed.Remove(!twoFour, out var other))
            other.Dispose();
    }

    public void Dispose()
    {
        foreach (var weights in packed.Values)
            weights.Dispose();
        packed.Clear();
    }

    private nint Weights(bool twoFour)
    {
        if (!packed.TryGetValue(twoFour, out var weights))
        {
            var (levels, channels, depth) = (step.Weights.Levels, step.Geometry.Output.Channels, step.Geometry.Products);
            var bytes = twoFour ? WeightBlocks.TwoFour(levels, channels, depth) : WeightBlocks.Dense(levels, channels, depth);
            weights = packed[twoFour] = DeviceMemory.Of<byte>(memory.Device, memory.Stream, bytes, $"the weights of {step.Name}");
        }

        return weights.Value;
    }
}
