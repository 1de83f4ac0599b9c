using System.Collections.Immutable;
using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Packing;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>How a convolution kernel cuts its work: a block makes BM output channels of BN pixels, a warp 64 channels of WN pixels; of the kernels for warpgroups, four warps do.</summary>
/// <param name="Kind">Which kernel.</param>
/// <param name="Dense">Blocks that are to fit a multiprocessor, and how many taps (halo) or stages weights are loaded ahead, for dense weights; of the kernel for warpgroups the taps whose weights are in registers, of that for 1x1 the blocks of 64 channels that are multiplied together.</param>
/// <param name="TwoFour">The same for 2:4 weights.</param>
/// <param name="ThroughL1">Activations go through the first-level cache; told for the kernel for any window alone.</param>
/// <param name="Parts">Warps of a block that share the products of one output; told for the kernel for few pixels alone.</param>
internal sealed record Tile(TileKind Kind, int BM, int BN, int WN, (int Blocks, int Ahead) Dense, (int Blocks, int Ahead) TwoFour, bool ThroughL1 = true, int Parts = 1)
{
    /// <summary>Bytes of a pixel of 64 channels in the halo kernel's shared memory: 16 more than needed, so that no two lie in the same banks.</summary>
    private const int HaloPixelBytes = 80;

    /// <summary>Buffers of 64 input channels of the kernel for warpgroups.</summary>
    private const int LineBuffers = 4;

    /// <summary>The one generation of GPUs with instructions of four warps.</summary>
    private const int WithWarpgroups = 90;

    /// <summary>As many blocks make a cluster on every GPU that has clusters.</summary>
    private const int MostBlocksOfCluster = 8;

    /// <summary>The kernel for few pixels reads each of them once for each tap; with more blocks than this, those that stage them win.</summary>
    private const int MostDirectBlocks = 1200;

    // Tried on every GPU; which wins differs by shape and batch.
    private static readonly ImmutableArray<Tile> Everywhere =
    [
        Any(64, 32, 16, 8, 4), Any(64, 64, 16, 6, 4), Any(64, 128, 32, 5, 3), Any(64, 256, 64, 4, 2), Any(64, 256, 32, 4, 2),
        Any(128, 64, 32, 5, 3), Any(128, 128, 32, 4, 2), Any(128, 128, 64, 4, 2), Any(256, 128, 64, 4, 1),
        Rows(64, 64, 32, (4, 1), (4, 2)), Rows(64, 64, 64, (8, 1), (8, 1)), Rows(64, 96, 24, (2, 2), (2, 2)), Rows(64, 128, 32, (3, 1), (3, 1)), Rows(64, 128, 32, (2, 2), (2, 2)), Rows(64, 128, 64, (4, 1), (4, 1)),
        Rows(64, 192, 48, (2, 1), (2, 1)), Rows(64, 224, 56, (2, 1), (2, 1)), Rows(64, 256, 64, (2, 1), (2, 1)), Rows(64, 64, 16, (1, 4), (2, 4)), Rows(64, 64, 32, (2, 3), (3, 4)),
        Few(8, 2, 2, (2, 5), (3, 5)), Few(8, 4, 1, (2, 5), (2, 8)),
        Few(16, 1, 2, (2, 5), (2, 5)), Few(16, 1, 3, (2, 3), (3, 3)), Few(16, 1, 4, (2, 3), (2, 3)), Few(16, 1, 8, (1, 5), (1, 5)),
        Few(16, 2, 1, (3, 3), (3, 3)), Few(16, 2, 2, (2, 4), (2, 5)), Few(16, 4, 1, (2, 3), (2, 3)),
        Few(24, 1, 2, (2, 4), (2, 5)), Few(24, 1, 3, (2, 3), (2, 3)), Few(24, 1, 9, (1, 1), (1, 1)),
        Few(32, 1, 4, (2, 2), (2, 3)), Few(32, 4, 1, (1, 2), (1, 2)), Few(56, 1, 4, (1, 1), (1, 2)),
    ];

    // Beside the kernel for warpgroups these came within 3 % of the fastest in four of 416 measured cases (decision 0026), so where that runs, nobody waits for their compilation.
    private static readonly ImmutableArray<Tile> WithoutWarpgroups =
    [
        Any(128, 256, 64, 4, 1), new(TileKind.Implicit, 128, 256, 64, (1, 4), (1, 4), ThroughL1: false),
        Rows(64, 32, 16, (4, 2), (5, 2)), Rows(64, 64, 16, (3, 1), (4, 2)), Rows(64, 96, 24, (3, 1), (4, 1)), Rows(64, 96, 48, (4, 1), (4, 1)), Rows(64, 112, 56, (4, 1), (4, 1)), Rows(64, 128, 16, (1, 2), (2, 1)),
        Rows(64, 168, 56, (2, 1), (2, 1)), Rows(64, 192, 64, (2, 1), (2, 1)),
        Rows(128, 64, 16, (1, 2), (2, 1)), Rows(128, 64, 32, (3, 1), (3, 1)), Rows(128, 64, 32, (2, 2), (2, 2)), Rows(128, 96, 24, (1, 2), (1, 2)), Rows(128, 96, 48, (2, 1), (2, 1)),
        Rows(128, 128, 32, (1, 2), (1, 2)), Rows(128, 128, 64, (2, 1), (2, 1)), Rows(128, 256, 64, (1, 1), (1, 1)), Rows(256, 128, 64, (1, 1), (1, 1)),
        // Few tiles leave a scheduler one warp, which has to look further ahead: weights come from the second-level cache, 300 cycles away, and a tap takes 70 to 130.
        Rows(64, 16, 16, (4, 4), (6, 6)), Rows(64, 32, 16, (3, 4), (4, 4)), Rows(64, 32, 16, (3, 3), (3, 8)), Rows(64, 32, 32, (4, 3), (4, 6)),
        Rows(128, 32, 16, (2, 4), (2, 6)), Rows(128, 64, 32, (1, 3), (2, 4)), Rows(128, 96, 24, (1, 3), (1, 4)),
        Walk(64, 112, 56, (4, 1), (4, 1)), Walk(64, 128, 32, (3, 1), (3, 1)), Walk(64, 128, 64, (4, 1), (4, 1)), Walk(64, 192, 48, (2, 1), (2, 1)), Walk(64, 224, 56, (2, 1), (2, 1)),
        Walk(64, 256, 32, (1, 1), (1, 2)), Walk(64, 256, 64, (2, 1), (2, 1)), Walk(128, 64, 32, (3, 1), (3, 1)), Walk(128, 96, 48, (2, 1), (2, 1)), Walk(128, 112, 56, (2, 1), (2, 1)), Walk(128, 128, 32, (1, 1), (1, 2)),
        Walk(128, 128, 64, (2, 1), (2, 1)), Walk(128, 224, 56, (1, 1), (1, 1)),
    ];

    private static readonly ImmutableArray<Tile> OfWarpgroups =
    [
        Point(64, 64, 1, 6), Point(128, 64, 1, 3), Point(128, 64, 2, 3), Group(64, 64, 64, 3, 9), Group(64, 256, 128, 2, 3), Group(128, 64, 64, 1, 9), Group(128, 128, 128, 1, 9), Group(128, 128, 128, 2, 3), Group(128, 256, 256, 1, 9),
    ];

    /// <summary>Every tile that there is.</summary>
    public static ImmutableArray<Tile> All { get; } = [.. Everywhere, .. WithoutWarpgroups, .. OfWarpgroups];

    /// <summary>True for the kernels of 3x3 convolutions with stride 1.</summary>
    public bool StagesRows => Kind is TileKind.Halo or TileKind.Stream or TileKind.Warpgroup;

    /// <summary>How weights are ordered for it.</summary>
    public WeightOrder Order => UsesWarpgroups ? WeightOrder.Warpgroup : Kind == TileKind.Direct ? WeightOrder.Direct : WeightOrder.Warp;

    /// <summary>True for the kernels on instructions of four warps.</summary>
    public bool UsesWarpgroups => Kind is TileKind.Warpgroup or TileKind.Pointwise;

    /// <summary>Threads of a block.</summary>
    public int Threads => (UsesWarpgroups ? 128 : 32) * (BM / 64) * (BN / WN) * Parts;

    /// <summary>True where GPUs of a compute capability (90 for 9.0) have its instructions, and a compiler of CUDA <paramref name="compiler"/> knows them.</summary>
    public bool RunsOn(int architecture, Version compiler) => !UsesWarpgroups || HasWarpgroups(architecture, compiler);

    /// <summary>True where a search tries it: where it runs, and has a chance beside the others that do. The kernel for 1x1 is right in single layers and small networks, but has yet to be compared in large
    /// ones image by image (decision 0027).</summary>
    /// <inheritdoc cref="RunsOn"/>
    public bool IsTriedOn(int architecture, Version compiler) =>
        Kind != TileKind.Pointwise && (HasWarpgroups(architecture, compiler) ? !WithoutWarpgroups.Contains(this) : !UsesWarpgroups);

    /// <summary>True where a kernel on the tensor cores can compute this step; else why not.</summary>
    /// <param name="sharedBytes">Shared memory that the GPU gives a block.</param>
    public static bool IsEligible(ConvStep step, PlanTensor input, PlanTensor output, int batch, int sharedBytes, out string reason)
    {
        var (geometry, window) = (step.Geometry, step.Geometry.Window);
        reason = geometry.Groups > 1 ? $"it has {geometry.Groups} groups"
            : input.Stride < 16 ? $"it has only {geometry.Input.Channels} input channels"
            : !output.IsInteger ? "its output is float"
            : output.Stride < 16 ? $"it has only {geometry.Output.Channels} output channels"
            : (window.DilationHeight, window.DilationWidth) != (1, 1) ? "it is dilated"
            : window.StrideHeight != window.StrideWidth || window.PadTop != window.PadLeft ? "strides or paddings differ by axis"
            : window.KernelHeight * window.KernelWidth > 32 ? $"it has {window.KernelHeight * window.KernelWidth} taps, more than 32"
            : batch * Math.Max(input.BytesPerImage, output.BytesPerImage) > int.MaxValue ? "its tensors are larger than 2 GiB"
            : !All.Any(tile => tile.Fits(geometry, batch, sharedBytes)) ? $"a call makes {(long)batch * geometry.Output.Height * geometry.Output.Width} output pixels, more than any tile covers in one launch"
            : "";
        return reason.Length == 0;
    }

    /// <summary>True where this tile serves the step, which is eligible.</summary>
    public bool Fits(ConvGeometry geometry, int batch, int sharedBytes)
    {
        var window = geometry.Window;
        var rows = window is { KernelHeight: 3, KernelWidth: 3, StrideHeight: 1, PadTop: 1, PadBottom: 1, PadRight: 1 };
        var point = window is { KernelHeight: 1, KernelWidth: 1, PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0 } && WeightBlocks.Padded(geometry.Input.Channels) / WeightBlocks.Side % Dense.Ahead == 0;
        var pixels = (long)batch * geometry.Output.Height * geometry.Output.Width;
        return WeightBlocks.Padded(geometry.Output.Channels) % BM == 0 && (rows || !StagesRows) && (point || Kind != TileKind.Pointwise) && (BN <= 64 || BN <= 2 * pixels)
            && PixelBlocks(geometry, batch) <= ushort.MaxValue
            && (Kind != TileKind.Direct || Blocks(geometry, batch) <= MostDirectBlocks)
            && SharedBytes(geometry, batch, 1, twoFour: false) <= sharedBytes - 1024;
    }

    /// <summary>How many blocks may share the products of one output: powers of two that still leave each enough to do, where the GPU would otherwise idle.</summary>
    public IEnumerable<int> Splits(ConvGeometry geometry, int batch)
    {
        var tiles = Blocks(geometry, batch);
        var depth = WeightBlocks.Padded(geometry.Input.Channels) / WeightBlocks.Side * (StagesRows ? 1 : geometry.Window.KernelHeight * geometry.Window.KernelWidth);
        var (most, least) = Kind switch { TileKind.Stream or TileKind.Warpgroup or TileKind.Pointwise => (1, 1), TileKind.Halo => (16, 1), TileKind.Direct => (MostBlocksOfCluster, Parts), _ => (16, 2) };
        for (var splits = 1; splits <= most; splits *= 2)
        {
            if (splits > 1 && (tiles * splits > 400 || tiles > 200 || depth / splits < least))
                yield break;
            yield return splits;
        }
    }

    /// <summary>Tiles of the output.</summary>
    public long Blocks(ConvGeometry geometry, int batch) => WeightBlocks.Padded(geometry.Output.Channels) / BM * PixelBlocks(geometry, batch);

    /// <summary>Tiles of the output's pixels.</summary>
    public long PixelBlocks(ConvGeometry geometry, int batch)
    {
        var (height, width) = (geometry.Output.Height, geometry.Output.Width);
        // The kernel for warpgroups counts a column of padding behind each row and a row behind each image, up to the last pixel.
        var places = Kind == TileKind.Warpgroup ? (long)batch * (height + 1) * (width + 1) - width - 2 : (long)batch * height * width;
        return (places + BN - 1) / BN;
    }

    /// <summary>Bytes that split-K keeps partial sums in.</summary>
    public long PartialBytes(ConvGeometry geometry, int batch, int splits) => splits == 1 || Kind == TileKind.Direct ? 0 : Blocks(geometry, batch) * splits * BM * BN * sizeof(int);

    /// <summary>Shared memory of a block.</summary>
    public int SharedBytes(ConvGeometry geometry, int batch, int splits, bool twoFour)
    {
        if (Kind == TileKind.Direct)
            return (Parts > 1 ? Parts * BM * BN * sizeof(int) : 0) + (splits > 1 ? (BN / 8 + splits - 1) / splits * splits * BM * 8 * sizeof(int) : 0);
        if (Kind == TileKind.Pointwise)
            return BN * (BM + 16) + WeightBlocks.Padded(geometry.Input.Channels) * (BN + 2);
        if (!StagesRows)
            return (twoFour ? TwoFour : Dense).Ahead * ((twoFour ? WeightBlocks.TwoFourBytes : WeightBlocks.DenseBytes) * (BM / 64) + BN * 64);
        var pixels = HaloPixels(geometry, batch);
        if (Kind == TileKind.Warpgroup)
            return ((pixels * sizeof(int) + 127) & ~127) + BN * (BM + 16) + Buffers(geometry, splits) * pixels * 64;
        return Kind == TileKind.Stream ? 2 * pixels * HaloPixelBytes : ((pixels * sizeof(int) + 127) & ~127) + Buffers(geometry, splits) * pixels * HaloPixelBytes;
    }

    /// <summary>Buffers of input rows: one where there is only one block of channels to load.</summary>
    public int Buffers(ConvGeometry geometry, int splits) =>
        Math.Min((WeightBlocks.Padded(geometry.Input.Channels) / WeightBlocks.Side + splits - 1) / splits, Kind == TileKind.Warpgroup ? LineBuffers : 2);

    /// <summary>The most padded input pixels that a tile of the halo kernel touches, or of that for warpgroups: of these so many that planes of 16 channels begin in four different banks.</summary>
    public int HaloPixels(ConvGeometry geometry, int batch)
    {
        var (height, width) = (geometry.Input.Height, geometry.Input.Width);
        if (Kind == TileKind.Warpgroup)
            return (BN + 2 * (width + 1) + 7) / 8 * 8 + 2;
        var pixels = batch * height * width;
        var most = 0;
        for (var first = 0; first < pixels; first += BN)
        {
            var last = Math.Min(first + BN, pixels) - 1;
            var from = first / (height * width) * (height + 2) + first % (height * width) / width;
            var to = last / (height * width) * (height + 2) + last % (height * width) / width + 2;
            most = Math.Max(most, to - from + 1);
        }

        return most * (width + 2);
    }

    /// <summary>The kernel, named conv, as a source.</summary>
    public string Source(bool twoFour)
    {
        var (blocks, ahead) = twoFour ? TwoFour : Dense;
        var shape = $"{(twoFour ? 1 : 0)}, {BM}, {BN}, {WN}, {ahead}";
        return Kind switch
        {
            TileKind.Halo => KernelSources.Of(["fragments.cuh", "epilogue.cuh", "conv_halo.cuh"], $"HALO({shape}, {blocks})"),
            TileKind.Stream => KernelSources.Of(["fragments.cuh", "epilogue.cuh", "conv_stream.cuh"], $"STREAM({shape}, {blocks})"),
            TileKind.Warpgroup => KernelSources.Of(["fragments.cuh", "warpgroup_instructions.cuh", "warpgroup.cuh", "conv_warpgroup.cuh"], $"WARPGROUP({shape}, {blocks})"),
            TileKind.Pointwise => KernelSources.Of(["fragments.cuh", "warpgroup_instructions.cuh", "warpgroup.cuh", "conv_pointwise.cuh"], $"POINTWISE({(twoFour ? 1 : 0)}, {BM}, {BN}, {ahead}, {blocks})"),
            TileKind.Direct => KernelSources.Of(["fragments.cuh", "epilogue.cuh", "conv_direct.cuh"], $"DIRECT({(twoFour ? 1 : 0)}, {WN / 8}, {BN / WN}, {Parts}, {ahead}, {blocks})"),
            _ => KernelSources.Of(["fragments.cuh", "epilogue.cuh", "conv_implicit.cuh"], $"IMPLICIT({shape}, {(ThroughL1 ? 1 : 0)}, {blocks})"),
        };
    }

    /// <summary>The kernel, named twin, that computes two convolutions of one input beside one another, as a source; of the kind for few pixels.</summary>
    public string TwinSource(bool twoFour) => Source(twoFour).Replace("DIRECT(", "TWIN(", StringComparison.Ordinal);

    /// <summary>Blocks along the pixels: one for each tile, or for the kernel that walks as many as the GPU runs at once, each with as many tiles as the others if that can be.</summary>
    /// <param name="sharedBytes">Shared memory that the GPU gives a block: all that a multiprocessor has but 1 KB.</param>
    public long Grid(ConvGeometry geometry, int batch, bool twoFour, int multiprocessors, int sharedBytes)
    {
        var tiles = PixelBlocks(geometry, batch);
        if (Kind != TileKind.Stream)
            return tiles;
        var together = Math.Clamp(sharedBytes / (SharedBytes(geometry, batch, 1, twoFour) + 1024), 1, (twoFour ? TwoFour : Dense).Blocks);
        var walkers = Math.Max(1, (long)multiprocessors * together / (WeightBlocks.Padded(geometry.Output.Channels) / BM));
        var each = (tiles + walkers - 1) / walkers;
        return (tiles + each - 1) / each;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} {BM}x{BN}/{WN}+{TwoFour.Ahead}{(Parts > 1 ? $"/{Parts}" : "")}";

    private static bool HasWarpgroups(int architecture, Version compiler) => architecture == WithWarpgroups && compiler.Major >= 12;

    private static Tile Any(int bm, int bn, int wn, int stages, int blocks) => new(TileKind.Implicit, bm, bn, wn, (blocks, stages), (blocks, stages));

    private static Tile Rows(int bm, int bn, int wn, (int, int) dense, (int, int) twoFour) => new(TileKind.Halo, bm, bn, wn, dense, twoFour);

    // wn pixels for each of the warps side by side, times the warps that share their products.
    private static Tile Few(int wn, int side, int parts, (int, int) dense, (int, int) twoFour) => new(TileKind.Direct, 64, wn * side, wn, dense, twoFour, Parts: parts);

    private static Tile Group(int bm, int bn, int wn, int blocks, int taps) => new(TileKind.Warpgroup, bm, bn, wn, (blocks, taps), (blocks, taps));

    private static Tile Point(int bm, int bn, int together, int blocks) => new(TileKind.Pointwise, bm, bn, bn, (blocks, together), (blocks, together));

    private static Tile Walk(int bm, int bn, int wn, (int, int) dense, (int, int) twoFour) => new(TileKind.Stream, bm, bn, wn, dense, twoFour);
}
