using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Driver;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>Finds the fastest tile of each convolution by running all that fit, once for each shape; remembers what it found.</summary>
internal sealed class TileSearch(CudaDevice device, CudaStream stream, EngineCache cache, KernelCode code, int batch, (int Tile, int Splits)? only) : IDisposable
{
    /// <summary>Partial sums of split-K take up to this.</summary>
    private const long MostPartialBytes = 256L << 20;

    private readonly Dictionary<(int Tile, bool TwoFour), CudaModule> modules = [], twins = [];
    /// <summary>Compute capability from which blocks of a cluster reach one another's shared memory.</summary>
    private const int FirstWithClusters = 90;

    /// <summary>So many of the fastest are told.</summary>
    private const int Best = 4;

    private readonly Dictionary<(string Shape, bool TwoFour), TileChoice> choices = [];
    private readonly Dictionary<(string Shape, bool TwoFour), TileChoice[]> ranked = [];
    private DeviceMemory? partials;
    private DeviceMemory? counters;

    /// <summary>The fastest tile of each layer in each form that is asked for.</summary>
    public void Search(IReadOnlyList<(TiledConvolution Layer, bool TwoFour)> wanted)
    {
        var open = new List<(TiledConvolution Layer, bool TwoFour)>();
        foreach (var (layer, twoFour) in wanted.DistinctBy(each => (each.Layer.Shape, each.TwoFour)))
        {
            if (only is { } single)
                choices[(layer.Shape, twoFour)] = new(single.Tile, single.Splits, 0);
            else if (TileChoice.Parse(cache.Read(FileOf(layer.Shape, twoFour))) is { } known && IsUsable(known, layer))
                choices[(layer.Shape, twoFour)] = known;
            else
                open.Add((layer, twoFour));
        }

        Load([.. open.SelectMany(each => Candidates(each.Layer).Select(tile => (tile, each.TwoFour))), .. choices.Select(choice => (choice.Value.Tile, choice.Key.TwoFour))]);
        Reserve(open, choices.Values.Zip(choices.Keys, (choice, key) => (choice, wanted.First(each => each.Layer.Shape == key.Shape).Layer)));
        using var timer = new KernelTimer(device, stream);
        foreach (var (layer, twoFour) in open)
        {
            var best = ranked[(layer.Shape, twoFour)] = Measure(layer, twoFour, timer);
            choices[(layer.Shape, twoFour)] = best[0];
        }
    }

    /// <summary>The fastest tiles of a layer, where this search measured them; empty where the choice was remembered.</summary>
    public IReadOnlyList<TileChoice> Ranked(TiledConvolution layer, bool twoFour) => ranked.GetValueOrDefault((layer.Shape, twoFour), []);

    /// <summary>Takes another of the fastest.</summary>
    public void Choose(TiledConvolution layer, bool twoFour, TileChoice choice) => choices[(layer.Shape, twoFour)] = choice;

    /// <summary>Keeps what was measured and chosen for later builds.</summary>
    public void Remember()
    {
        foreach (var (shape, twoFour) in ranked.Keys)
            cache.Write(FileOf(shape, twoFour), choices[(shape, twoFour)].ToBytes());
    }

    /// <summary>What the search found.</summary>
    public TileChoice Of(TiledConvolution layer, bool twoFour) => choices[(layer.Shape, twoFour)];

    /// <summary>A launch with what the search found.</summary>
    public KernelLaunch Launch(TiledConvolution layer, bool twoFour)
    {
        var choice = Of(layer, twoFour);
        return Launch(layer, choice.Tile, choice.Splits, twoFour);
    }

    /// <summary>A launch of two neighbouring layers as one kernel, with the first one's choice; null where that choice or the second layer does not suit.</summary>
    public KernelLaunch? Join(TiledConvolution layer, TiledConvolution other, bool twoFour)
    {
        var choice = Of(layer, twoFour);
        var (first, second) = (layer.Step, other.Step);
        if (choice.Chosen.Kind != TileKind.Direct || first.Residual is not null || second.Residual is not null || first.From != second.From
            || (first.Geometry.Output.Height, first.Geometry.Output.Width) != (second.Geometry.Output.Height, second.Geometry.Output.Width)
            || !choice.Chosen.Fits(second.Geometry, batch, device.SharedBytes) || (twoFour && !second.Weights.IsTwoFour(second.Geometry.Input.Channels)))
            return null;

        if (!twins.TryGetValue((choice.Tile, twoFour), out var module))
            twins[(choice.Tile, twoFour)] = module = CudaModule.Load(device, code.Of(choice.Chosen.TwinSource(twoFour)), $"tile {choice.Chosen} for two");
        return layer.Launch(other, choice.Chosen, choice.Splits, twoFour, module.Kernel("twin", allShared: true));
    }

    public void Dispose()
    {
        foreach (var module in modules.Values.Concat(twins.Values))
            module.Dispose();
        modules.Clear();
        twins.Clear();
        partials?.Dispose();
        counters?.Dispose();
    }

    private KernelLaunch Launch(TiledConvolution layer, int tile, int splits, bool twoFour) =>
        layer.Launch(Tile.All[tile], splits, twoFour, modules[(tile, twoFour)].Kernel("conv", allShared: true), (partials?.Value ?? 0, counters?.Value ?? 0));

    private TileChoice[] Measure(TiledConvolution layer, bool twoFour, KernelTimer timer)
    {
        var measured = new List<TileChoice>();
        var inRow = layer.Step.Geometry.MultiplyAdds * batch > 5_000_000_000 ? 4 : 10;
        foreach (var tile in Candidates(layer))
        {
            foreach (var splits in SplitsOf(tile, layer))
            {
                using var launch = Launch(layer, tile, splits, twoFour);
                measured.Add(new(tile, splits, timer.OfRecorded(launch.Enqueue, inRow, rounds: 3)));
            }
        }

        return measured.Count > 0
            ? Fastest(measured)
            : throw new NotSupportedException($"No tile fits layer '{layer.Step.Name}', {layer.Step.Geometry}, on {device.Name}.");
    }

    // A kind that is slower in a row may be the faster one between other kernels, so the best of each is told too.
    private static TileChoice[] Fastest(List<TileChoice> measured)
    {
        var ordered = measured.OrderBy(choice => choice.Microseconds).ThenBy(choice => choice.Tile).ToArray();
        return [.. ordered.Take(Best).Union(ordered.DistinctBy(choice => choice.Chosen.Kind))];
    }

    private bool IsUsable(TileChoice choice, TiledConvolution layer) =>
        choice.Chosen.Fits(layer.Step.Geometry, batch, device.SharedBytes) && SplitsOf(choice.Tile, layer).Contains(choice.Splits);

    // A tile that leaves most of the GPU idle, however its products are shared out, is not worth compiling where others do not.
    private IEnumerable<int> Candidates(TiledConvolution layer)
    {
        var fitting = Enumerable.Range(0, Tile.All.Length).Where(tile => Tile.All[tile].Fits(layer.Step.Geometry, batch, device.SharedBytes)).ToArray();
        var reach = Array.ConvertAll(fitting, tile => Tile.All[tile].Blocks(layer.Step.Geometry, batch) * SplitsOf(tile, layer).Last());
        var enough = Math.Min(device.Multiprocessors / 3, reach.DefaultIfEmpty().Max());
        return fitting.Where((_, i) => reach[i] >= enough);
    }

    private IEnumerable<int> SplitsOf(int tile, TiledConvolution layer) =>
        Tile.All[tile].Splits(layer.Step.Geometry, batch).Where(splits =>
            Tile.All[tile].PartialBytes(layer.Step.Geometry, batch, splits) <= MostPartialBytes && (splits == 1 || Tile.All[tile].Kind != TileKind.Direct || device.Architecture >= FirstWithClusters));

    private void Load((int Tile, bool TwoFour)[] needed)
    {
        var missing = needed.Distinct().Where(each => !modules.ContainsKey(each)).ToArray();
        var compiled = code.Of([.. missing.Select(each => Tile.All[each.Tile].Source(each.TwoFour))]);
        foreach (var (each, cubin) in missing.Zip(compiled))
            modules[each] = CudaModule.Load(device, cubin, $"tile {Tile.All[each.Tile]}");
    }

    private void Reserve(IEnumerable<(TiledConvolution Layer, bool TwoFour)> open, IEnumerable<(TileChoice Choice, TiledConvolution Layer)> known)
    {
        var uses = open.SelectMany(each => Candidates(each.Layer).SelectMany(tile => SplitsOf(tile, each.Layer).Select(splits => (tile, splits, each.Layer.Step.Geometry))))
            .Concat(known.Select(each => (each.Choice.Tile, each.Choice.Splits, each.Layer.Step.Geometry)))
            .Where(use => use.Item2 > 1).ToArray();
        if (uses.Length == 0)
            return;
        partials = DeviceMemory.Allocate(device, uses.Max(use => Tile.All[use.Item1].PartialBytes(use.Geometry, batch, use.Item2)), "partial sums");
        counters = DeviceMemory.Allocate(device, uses.Max(use => Tile.All[use.Item1].Blocks(use.Geometry, batch)) * sizeof(int), "counters of partial sums");
        stream.Fill(counters.Value, 0, counters.Bytes);
        stream.Synchronize();
    }

    private string FileOf(string shape, bool twoFour) =>
        EngineCache.NameOf("tile", [shape, twoFour ? "2:4" : "dense", device.Name, $"{device.Architecture} {device.Multiprocessors} {device.SharedBytes}", $"{device.Driver}", code.CompilerVersion, .. KernelSources.Headers.Values, .. Tile.All.Select(tile => tile.Source(twoFour))]);
}
