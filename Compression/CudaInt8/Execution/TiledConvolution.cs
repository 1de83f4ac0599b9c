using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Packing;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>A convolution on the tensor cores with its weights on the GPU, to be launched with any tile.</summary>
internal sealed class TiledConvolution(ConvStep step, EngineMemory memory) : IDisposable
{
    private readonly Dictionary<(bool TwoFour, WeightOrder Order), DeviceMemory> packed = [];
    private readonly float[] alpha = PaddedWeights.Of(step.Weights.Alpha);
    private readonly float[] bias = PaddedWeights.Of(step.Weights.Bias);

    /// <summary>What it computes.</summary>
    public ConvStep Step => step;

    /// <summary>Everything that decides which tile is fastest, and which forms of weights there are: layers of one shape are settled together.</summary>
    public string Shape { get; } = ShapeOf(step, memory.Plan.Batch);

    /// <inheritdoc cref="Shape"/>
    public static string ShapeOf(ConvStep step, int batch)
    {
        var window = step.Geometry.Window;
        var weights = step.Weights.IsTwoFour(step.Geometry.Input.Channels) ? "2:4" : "dense";
        return $"{step.Geometry} in {step.Geometry.Input} pad {window.PadTop},{window.PadBottom},{window.PadRight} batch {batch} residual {step.Residual is not null} weights {weights}";
    }

    /// <summary>A launch with one tile.</summary>
    /// <param name="kernel">The tile's kernel of that form.</param>
    /// <param name="workspace">Where split-K keeps its sums and counters.</param>
    public KernelLaunch Launch(Tile tile, int splits, bool twoFour, nint kernel, (nint Partials, nint Counters) workspace)
    {
        var (geometry, batch) = (step.Geometry, memory.Plan.Batch);
        return KernelLaunch.Of(
            memory.Device, step.Name, kernel, (WeightBlocks.Padded(geometry.Output.Channels) / tile.BM, tile.Grid(geometry, batch, twoFour, memory.Device.Multiprocessors, memory.Device.SharedBytes), splits), tile.Threads,
            tile.SharedBytes(geometry, batch, splits, twoFour), memory.Stream, Parameters(tile, splits, twoFour, workspace), cluster: tile.Kind == TileKind.Direct ? splits : 1);
    }

    /// <summary>A launch of this convolution and another of the same input beside one another, with a tile for few pixels.</summary>
    /// <param name="kernel">The tile's kernel for two of that form.</param>
    public KernelLaunch Launch(TiledConvolution other, Tile tile, int splits, bool twoFour, nint kernel)
    {
        var blocks = (First: WeightBlocks.Padded(step.Geometry.Output.Channels) / tile.BM, Second: WeightBlocks.Padded(other.Step.Geometry.Output.Channels) / tile.BM);
        return KernelLaunch.Of(
            memory.Device, $"{step.Name}, {other.Step.Name}", kernel, (blocks.First + blocks.Second, tile.PixelBlocks(step.Geometry, memory.Plan.Batch), splits), tile.Threads,
            tile.SharedBytes(step.Geometry, memory.Plan.Batch, splits, twoFour), memory.Stream,
            new TwinParameters { First = Parameters(tile, splits, twoFour, (0, 0)), Second = other.Parameters(tile, splits, twoFour, (0, 0)), FirstBlocks = blocks.First }, cluster: splits);
    }

    /// <summary>What every kernel for convolutions on the tensor cores takes, without weights, scaling and workspace.</summary>
    /// <param name="place">Where a tensor lies.</param>
    /// <param name="tile">Null for a kernel that is none of the tiles.</param>
    public static ConvParameters Parameters(ConvStep step, ExecutionPlan plan, Func<int, nint> place, Tile? tile = null, int splits = 1)
    {
        var (geometry, window) = (step.Geometry, step.Geometry.Window);
        var channelBlocks = WeightBlocks.Padded(geometry.Input.Channels) / WeightBlocks.Side;
        return new()
        {
            X = place(step.From),
            Y = place(step.To),
            Residual = step.Residual is { } residual ? place(residual) : 0,
            Beta = step.Beta,
            Low = step.Low,
            High = step.High,
            H = geometry.Input.Height,
            W2 = geometry.Input.Width,
            C = plan.Tensors[step.From].Stride,
            OH = geometry.Output.Height,
            OW = geometry.Output.Width,
            K = plan.Tensors[step.To].Stride,
            P = plan.Batch * geometry.Output.Height * geometry.Output.Width,
            Stride = window.StrideHeight,
            Pad = window.PadTop,
            S = window.KernelWidth,
            Taps = window.KernelHeight * window.KernelWidth,
            ChannelBlocks = channelBlocks,
            KBlocks = channelBlocks * window.KernelHeight * window.KernelWidth,
            Splits = splits,
            Halo = tile is { StagesRows: true } ? tile.HaloPixels(geometry, plan.Batch) : 0,
            Buffers = tile is { StagesRows: true } ? tile.Buffers(geometry, splits) : 0,
        };
    }

    /// <summary>Weights as a tile takes them.</summary>
    public static byte[] Packed(ConvStep step, bool twoFour, WeightOrder order)
    {
        var geometry = step.Geometry;
        var levels = PaddedWeights.Of(step.Weights.Levels, geometry.Output.Channels, geometry.Products / geometry.Input.Channels, geometry.Input.Channels);
        var channels = WeightBlocks.Padded(geometry.Output.Channels);
        var depth = levels.Length / channels;
        var ordered = order switch { WeightOrder.Direct => WeightBlocks.ForDirect(levels), WeightOrder.Warpgroup => WeightBlocks.ForWarpgroup(levels, depth), _ => levels };
        var packed = twoFour ? WeightBlocks.TwoFour(ordered, channels, depth) : WeightBlocks.Dense(ordered, channels, depth);
        if (twoFour && order == WeightOrder.Warpgroup)
            WeightBlocks.GroupMetadata(packed);
        return packed;
    }

    /// <summary>Frees the forms that are not used.</summary>
    public void Keep(bool twoFour, Tile tile)
    {
        foreach (var form in packed.Keys.Where(form => form != (twoFour, tile.Order)).ToArray())
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

    private ConvParameters Parameters(Tile tile, int splits, bool twoFour, (nint Partials, nint Counters) workspace) => Parameters(step, memory.Plan, memory.Of, tile, splits) with
    {
        W = Weights(twoFour, tile.Order),
        Alpha = memory.Constant(alpha),
        Bias = memory.Constant(bias),
        Partials = workspace.Partials,
        Counters = workspace.Counters,
    };

    private nint Weights(bool twoFour, WeightOrder order)
    {
        if (!packed.TryGetValue((twoFour, order), out var weights))
            weights = packed[(twoFour, order)] = DeviceMemory.Of<byte>(memory.Device, memory.Stream, Packed(step, twoFour, order), $"the weights of {step.Name}");
        return weights.Value;
    }
}
