using System.Diagnostics;
using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>Finds the fastest tile of each convolution by running all that fit, once for each shape; remembers what it found.</summary>
internal sealed class TileSearch(CudaDevice device, CudaStream stream, EngineCache cache, KernelCode code, ExecutionPlan plan, EngineOptions options) : IDisposable
{
    /// <summary>Partial sums of split-K take up to this.</summary>
    private const long MostPartialBytes = 256L << 20;

    private readonly Dictionary<(int Tile, bool TwoFour), CudaModule> modules = [], twins = [];
    /// <summary>Compute capability from which blocks of a cluster reach one another's shared memory.</summary>
    private const int FirstWithClusters = 90;

    /// <summary>So many of the fastest are told.</summary>
    private const int Best = 4;

    /// <summary>Of those, only such whose time in a row is above the fastest's by no more than this share and this time have a chance between other kernels.</summary>
    private const double NearShare = 0.1, NearMicroseconds = 1;

    /// <summary>Tiles slower than this many times the fastest with dense weights are not tried with 2:4 weights: the same tile wins in both forms, or one near it.</summary>
    private const double PromisingRatio = 1.5;

    private readonly Dictionary<(string Shape, bool TwoFour), TileChoice> choices = [];
    private readonly Dictionary<(string Shape, bool TwoFour), TileChoice[]> ranked = [];
    private readonly Dictionary<string, HashSet<int>> promising = [];
    private readonly int batch = plan.Batch;
    private readonly Lazy<string> measuredWith = new(() => MeasuredWith(device, code));
    private readonly Lazy<bool[]> tried = new(() => [.. Tile.All.Select(tile => tile.IsTriedOn(device.Architecture, code.CompilerVersion))]);
    private DeviceMemory? partials;
    private DeviceMemory? counters;

    /// <summary>Time spent timing tiles.</summary>
    public TimeSpan Spent { get; private set; }

    /// <summary>The fastest tile of each layer in each form that is asked for.</summary>
    public void Search(IReadOnlyList<(TiledConvolution Layer, bool TwoFour)> wanted)
    {
        var open = new List<(TiledConvolution Layer, bool TwoFour)>();
        foreach (var (layer, twoFour) in wanted.DistinctBy(each => (each.Layer.Shape, each.TwoFour)))
        {
            if (options.Only is { } single)
                choices[(layer.Shape, twoFour)] = new(single.Tile, single.Splits, 0);
            else if (TileChoice.Parse(cache.Read(FileOf(layer.Shape, twoFour))) is { } known && IsUsable(known, layer))
                choices[(layer.Shape, twoFour)] = known;
            else
                open.Add((layer, twoFour));
        }

        Reserve(open, choices.Values.Zip(choices.Keys, (choice, key) => (choice, wanted.First(each => each.Layer.Shape == key.Shape).Layer)));
        using var timer = new KernelTimer(device, stream);
        // Most of a first build is compilation: 2:4 kernels are made of those tiles alone that did well with dense weights.
        foreach (var form in open.GroupBy(each => each.TwoFour).OrderBy(form => form.Key))
        {
            var candidates = form.Select(each => (each.Layer, Tiles: Candidates(each.Layer, each.TwoFour).ToArray())).ToArray();
            Load(candidates.SelectMany(each => each.Tiles.Select(tile => (tile, form.Key))));
            foreach (var (layer, tiles) in candidates)
            {
                var measured = Measure(layer, form.Key, tiles, timer);
                if (!form.Key)
                    promising[layer.Shape] = Promising(measured);
                var best = ranked[(layer.Shape, form.Key)] = Fastest(measured);
                choices[(layer.Shape, form.Key)] = best[0];
            }
        }
    }

    /// <summary>Loads the kernels of what the search found, so that they can be launched; those that the cache lacks are compiled side by side.</summary>
    public void Load(IEnumerable<(TiledConvolution Layer, bool TwoFour)> found) => Load(found.Select(each => (Of(each.Layer, each.TwoFour).Tile, each.TwoFour)));

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

    /// <summary>Keeps what the time of the whole network settled, for these tiles of its layers.</summary>
    public void Remember(NetworkChoice choice)
    {
        if (options.Only is null)
            cache.Write(FileOfNetwork(), choice.ToBytes());
    }

    /// <summary>What an earlier build settled for this network and these tiles; null where none did, or tiles were measured anew.</summary>
    /// <param name="shapes">How many shapes the tiled layers have.</param>
    public NetworkChoice? RememberedNetwork(int shapes) => options.Only is null && ranked.Count == 0 ? NetworkChoice.Parse(cache.Read(FileOfNetwork()), shapes, plan.Steps.Length) : null;

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

    private List<TileChoice> Measure(TiledConvolution layer, bool twoFour, int[] tiles, KernelTimer timer)
    {
        var since = Stopwatch.GetTimestamp();
        var measured = new List<TileChoice>();
        var inRow = layer.Step.Geometry.MultiplyAdds * batch > 5_000_000_000 ? 4 : 10;
        foreach (var tile in tiles)
        {
            foreach (var splits in SplitsOf(tile, layer))
            {
                using var launch = Launch(layer, tile, splits, twoFour);
                measured.Add(new(tile, splits, timer.OfRecorded(launch.Enqueue, inRow, rounds: 3)));
            }
        }

        Spent += Stopwatch.GetElapsedTime(since);
        foreach (var choice in measured)
            options.Measured?.Invoke(layer.Shape, twoFour, choice);

        return measured.Count > 0
            ? measured
            : throw new NotSupportedException($"No tile fits layer '{layer.Step.Name}', {layer.Step.Geometry}, on {device.Name}.");
    }

    // A kind that is slower in a row may be the faster one between other kernels, so the best of each is told too; but by about a microsecond, not by a share of long times.
    private static TileChoice[] Fastest(List<TileChoice> measured)
    {
        var ordered = measured.OrderBy(choice => choice.Microseconds).ThenBy(choice => choice.Tile).ToArray();
        var near = ordered[0].Microseconds * (1 + NearShare) + NearMicroseconds;
        return [.. ordered.Take(Best).Union(ordered.DistinctBy(choice => choice.Chosen.Kind)).Where(choice => choice.Microseconds <= near)];
    }

    private static HashSet<int> Promising(List<TileChoice> dense)
    {
        var within = dense.Min(choice => choice.Microseconds) * PromisingRatio;
        return [.. dense.Where(choice => choice.Microseconds <= within).Select(choice => choice.Tile)];
    }

    private bool IsUsable(TileChoice choice, TiledConvolution layer) =>
        tried.Value[choice.Tile] && choice.Chosen.Fits(layer.Step.Geometry, batch, device.SharedBytes) && SplitsOf(choice.Tile, layer).Contains(choice.Splits);

    // A tile that leaves most of the GPU idle, however its products are shared out, is not worth compiling where others do not.
    private IEnumerable<int> Candidates(TiledConvolution layer)
    {
        var fitting = Enumerable.Range(0, Tile.All.Length).Where(tile => tried.Value[tile] && Tile.All[tile].Fits(layer.Step.Geometry, batch, device.SharedBytes)).ToArray();
        var reach = Array.ConvertAll(fitting, tile => Tile.All[tile].Blocks(layer.Step.Geometry, batch) * SplitsOf(tile, layer).Last());
        var enough = Math.Min(device.Multiprocessors / 3, reach.DefaultIfEmpty().Max());
        return fitting.Where((_, i) => reach[i] >= enough);
    }

    private IEnumerable<int> SplitsOf(int tile, TiledConvolution layer) =>
        Tile.All[tile].Splits(layer.Step.Geometry, batch).Where(splits =>
            Tile.All[tile].PartialBytes(layer.Step.Geometry, batch, splits) <= MostPartialBytes && (splits == 1 || Tile.All[tile].Kind != TileKind.Direct || device.Architecture >= FirstWithClusters));

    private IEnumerable<int> Candidates(TiledConvolution layer, bool twoFour) =>
        twoFour && promising.TryGetValue(layer.Shape, out var didWell) ? Candidates(layer).Where(didWell.Contains) : Candidates(layer);

    private void Load(IEnumerable<(int Tile, bool TwoFour)> needed)
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

    private string FileOf(string shape, bool twoFour) => EngineCache.NameOf("tile", [shape, twoFour ? "2:4" : "dense", measuredWith.Value]);

    // Steps by their shapes alone: a network that was trained or quantized again runs as it did.
    private string FileOfNetwork() => EngineCache.NameOf("network",
    [
        .. plan.Steps.Select(step => $"{step.GetType().Name} {plan.Tensors[step.Output].BytesPerImage} {(step is ConvStep conv ? TiledConvolution.ShapeOf(conv, batch) : "")}"),
        .. choices.Select(choice => $"{choice.Key.Shape} {choice.Key.TwoFour} {choice.Value.Tile} {choice.Value.Splits}").Order(StringComparer.Ordinal),
        PlainKernels.Source,
        measuredWith.Value,
    ]);

    private static string MeasuredWith(CudaDevice device, KernelCode code) => EngineCache.NameOf("with",
    [
        device.Name, $"{device.Architecture} {device.Multiprocessors} {device.SharedBytes}", $"{device.Driver}", $"{code.CompilerVersion}",
        .. KernelSources.Headers.Values, .. Tile.All.SelectMany(tile => (string[])[tile.Source(false), tile.Source(true)]),
    ]);
}
