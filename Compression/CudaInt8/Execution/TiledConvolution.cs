using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Packing;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>A convolution on the tensor cores with its weights on the GPU, to be launched with any tile.</summary>
internal sealed class TiledConvolution(ConvStep step, EngineMemory memory) : IDisposable
{
    private readonly Dictionary<(bool TwoFour, bool Direct), DeviceMemory> packed = [];
    private readonly float[] alpha = PaddedWeights.Of(step.Weights.Alpha);
    private readonly float[] bias = PaddedWeights.Of(step.Weights.Bias);
    private sbyte[]? levels;

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
            W = Weights(twoFour, tile.Kind == TileKind.Direct),
            Y = memory.Of(step.To),
            Residual = step.Residual is { } residual ? memory.Of(residual) : 0,
            Alpha = memory.Constant(alpha),
            Bias = memory.Constant(bias),
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
            ChannelBlocks = WeightBlocks.Padded(geometry.Input.Channels) / WeightBlocks.Side,
            KBlocks = WeightBlocks.Padded(geometry.Input.Channels) / WeightBlocks.Side * window.KernelHeight * window.KernelWidth,
            Splits = splits,
            Halo = tile.StagesRows ? tile.HaloPixels(geometry, batch) : 0,
            Buffers = tile.StagesRows ? Tile.Buffers(geometry, splits) : 0,
        };
        return KernelLaunch.Of(
            memory.Device, step.Name, kernel, (WeightBlocks.Padded(geometry.Output.Channels) / tile.BM, tile.Grid(geometry, batch, twoFour, memory.Device.Multiprocessors, memory.Device.SharedBytes), splits), tile.Threads,
            tile.SharedBytes(geometry, batch, splits, twoFour), memory.Stream, parameters,
            cluster: tile.Kind == TileKind.Direct ? splits : 1);
    }

    /// <summary>Frees the forms that are not used.</summary>
    public void Keep(bool twoFour, Tile tile)
    {
        levels = null;
        foreach (var form in packed.Keys.Where(form => form != (twoFour, tile.Kind == TileKind.Direct)).ToArray())
        {
            packed.Remove(form, out var other);
            other!.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var weights in packed.Values)
            weights.Dispose();
        packed.Clear();
    }

    private nint Weights(bool twoFour, bool direct)
    {
        if (!packed.TryGetValue((twoFour, direct), out var weights))
        {
            var geometry = step.Geometry;
            levels ??= PaddedWeights.Of(step.Weights.Levels, geometry.Output.Channels, geometry.Products / geometry.Input.Channels, geometry.Input.Channels);
            var (channels, ordered) = (WeightBlocks.Padded(geometry.Output.Channels), direct ? WeightBlocks.ForDirect(levels) : levels);
            var depth = levels.Length / channels;
            var bytes = twoFour ? WeightBlocks.TwoFour(ordered, channels, depth) : WeightBlocks.Dense(ordered, channels, depth);
            weights = packed[(twoFour, direct)] = DeviceMemory.Of<byte>(memory.Device, memory.Stream, bytes, $"the weights of {step.Name}");
        }

        return weights.Value;
    }
}
