using System.Collections.Immutable;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>Chooses among the fastest tiles of each layer, and between dense and 2:4, by the time of the whole network.</summary>
/// <remarks>
/// A kernel repeated in a row starts under its own shadow and finds its weights near; between other kernels it does not. On an H100 at batch 1 the 2:4 tiles of ResNet-34 were 1.06 to 1.14 times as
/// fast as the dense ones in rows, and the network built of them took 193 us against 189. Whoever challenges runs in turn with what is there, so that neither has the warmer GPU; and what was settled
/// layer by layer has to win once more against all dense and all 2:4. What came out is kept for later builds: they take it as it is, and so run the same kernels.
/// </remarks>
/// <param name="always">For tests: steps that one kernel can compute together are joined whether that is faster or not.</param>
internal sealed class NetworkTuning(
    CudaDevice device, CudaStream stream, KernelTimer timer, TileSearch search, PlainKernels plain, IReadOnlyDictionary<ConvStep, TiledConvolution> tiled, List<PlannedLaunch> launches, bool always)
{
    /// <summary>A change is taken where the network gets faster by more than this share: medians in turn repeat within about half of it.</summary>
    private const double Gain = 0.004;

    /// <summary>Microseconds that each side of a comparison may take, and the runs that it takes at least and at most.</summary>
    private const double Comparison = 4000, LastComparison = 20_000;
    private const int FewestRuns = 7, MostRuns = 60;

    private readonly Dictionary<string, bool> forms = [];
    private readonly List<int> joined = [];
    private (TiledConvolution Layer, bool[] Forms)[] shapes = [];
    private NetworkChoice? known;

    /// <summary>True where layers of this shape run on 2:4 kernels.</summary>
    public bool IsTwoFour(TiledConvolution layer) => forms[layer.Shape];

    /// <summary>Takes the forms that an earlier build settled, or the first of each layer, and loads their kernels; launches are then made in these forms.</summary>
    /// <param name="formsOf">The forms that a layer may take.</param>
    public void Begin(Func<ConvStep, bool[]> formsOf)
    {
        shapes = [.. tiled.Values.GroupBy(layer => layer.Shape).Select(group => (Layer: group.First(), Forms: formsOf(group.First().Step)))];
        known = !always && search.RememberedNetwork(shapes.Length) is { } choice && choice.TwoFour.Zip(shapes).All(pair => pair.Second.Forms.Contains(pair.First)) ? choice : null;
        foreach (var (i, (layer, each)) in shapes.Index())
            forms[layer.Shape] = known?.TwoFour[i] ?? each[0];
        search.Load(shapes.SelectMany(shape => (known is null ? shape.Forms : [forms[shape.Layer.Shape]]).Select(twoFour => (shape.Layer, twoFour))));
    }

    /// <summary>Settles tiles and forms; the launches, which were made in the forms that <see cref="Begin"/> took, are those afterwards.</summary>
    public void Run()
    {
        if (known is not null)
        {
            Join(known.Joined);
            return;
        }

        Settle();
        search.Remember();
        if (!always)
            search.Remember(new NetworkChoice([.. shapes.Select(shape => forms[shape.Layer.Shape])], [.. joined]));
    }

    private void Settle()
    {
        foreach (var form in (bool[])[false, true])
        {
            TiledConvolution[] open = [.. shapes.Where(shape => shape.Forms.Contains(form)).Select(shape => shape.Layer)];
            foreach (var layer in open)
                Use(layer, form);
            if (open.Any(layer => search.Ranked(layer, form).Count > 1))
                ChooseTiles(open, form);
        }

        TiledConvolution[] either = [.. shapes.Where(shape => shape.Forms.Length > 1).Select(shape => shape.Layer)];
        if (either.Length > 0)
            ChooseForms(either);
        Join();
    }

    /// <summary>True where a layer is computed beside another, in that one's form.</summary>
    public bool IsBeside(TiledConvolution layer, out TiledConvolution other)
    {
        var planned = launches.Find(planned => planned.Beside == layer.Step);
        other = planned?.Step is ConvStep first ? tiled[first] : layer;
        return planned is not null;
    }

    // Two steps run as one kernel where that is faster: convolutions that read one tensor and make equally many pixels, such as a residual block's first and the one beside it, and a pool over whole maps
    // with the fully connected layer behind it.
    private void Join()
    {
        for (var i = 0; i + 1 < launches.Count; i++)
        {
            if (Joined(launches[i].Step, launches[i + 1].Step) is not { } launch)
                continue;

            var incumbent = Record();
            var (one, other) = Replace(i, launch);
            if (Beats(ref incumbent) || always)
            {
                joined.Add(i + joined.Count);
                one.Launch.Dispose();
                other.Launch.Dispose();
            }
            else
            {
                launch.Dispose();
                launches[i] = one;
                launches.Insert(i + 1, other);
            }

            incumbent.Dispose();
        }
    }

    // What an earlier build joined, from the last on, so that the places before stay what they are.
    private void Join(ImmutableArray<int> steps)
    {
        foreach (var i in steps.Reverse())
        {
            if (Joined(launches[i].Step, launches[i + 1].Step) is not { } launch)
                continue;
            var (one, other) = Replace(i, launch);
            one.Launch.Dispose();
            other.Launch.Dispose();
        }
    }

    // One launch for two neighbours, which the caller disposes or puts back.
    private (PlannedLaunch One, PlannedLaunch Other) Replace(int i, KernelLaunch both)
    {
        var (one, other) = (launches[i], launches[i + 1]);
        launches[i] = new(one.Step, both, other.Step);
        launches.RemoveAt(i + 1);
        return (one, other);
    }

    private KernelLaunch? Joined(PlanStep first, PlanStep second) => (first, second) switch
    {
        (ConvStep one, ConvStep two) when tiled.TryGetValue(one, out var layer) && tiled.TryGetValue(two, out var other) => search.Join(layer, other, forms[layer.Shape]),
        (AveragePoolStep pool, ConvStep connected) when !tiled.ContainsKey(connected) => plain.Ending(pool, connected),
        _ => null,
    };

    private void ChooseTiles(TiledConvolution[] layers, bool twoFour)
    {
        var incumbent = Record();
        foreach (var layer in layers)
        {
            var kept = search.Of(layer, twoFour);
            foreach (var other in search.Ranked(layer, twoFour).Where(choice => choice != kept).ToArray())
            {
                search.Choose(layer, twoFour, other);
                Use(layer, twoFour);
                if (Beats(ref incumbent))
                    kept = other;
            }

            search.Choose(layer, twoFour, kept);
            Use(layer, twoFour);
        }

        incumbent.Dispose();
    }

    // Layer by layer, from all 2:4, where all are here, and from all dense; then the better of all four in turn.
    private void ChooseForms(TiledConvolution[] layers)
    {
        var candidates = new List<(Dictionary<string, bool> Forms, CudaGraph Graph)>();
        foreach (var start in (bool[])[true, false])
        {
            foreach (var layer in layers)
                Use(layer, start);
            candidates.Add((new(forms), Record()));
            var incumbent = Record();
            foreach (var layer in layers)
            {
                Use(layer, !start);
                if (!Beats(ref incumbent))
                    Use(layer, start);
            }

            candidates.Add((new(forms), incumbent));
        }

        var times = Race([.. candidates.Select(candidate => candidate.Graph)], LastComparison);
        var best = candidates[Array.IndexOf(times, times.Min())].Forms;
        foreach (var layer in layers.Where(layer => forms[layer.Shape] != best[layer.Shape]))
            Use(layer, best[layer.Shape]);
        foreach (var (_, graph) in candidates)
            graph.Dispose();
    }

    private void Use(TiledConvolution like, bool twoFour)
    {
        forms[like.Shape] = twoFour;
        for (var i = 0; i < launches.Count; i++)
        {
            if (launches[i].Step is not ConvStep conv || !tiled.TryGetValue(conv, out var layer) || layer.Shape != like.Shape)
                continue;
            var launch = search.Launch(layer, twoFour);
            launches[i].Launch.Dispose();
            launches[i] = new(conv, launch);
        }
    }

    /// <summary>True where the launches as they are run faster than <paramref name="incumbent"/>, which they then become.</summary>
    private bool Beats(ref CudaGraph incumbent)
    {
        var challenger = Record();
        var times = Race([incumbent, challenger], Comparison);
        var better = times[1] < times[0] * (1 - Gain);
        (better ? incumbent : challenger).Dispose();
        if (better)
            incumbent = challenger;
        return better;
    }

    /// <summary>Medians of runs in turn, in microseconds.</summary>
    private double[] Race(CudaGraph[] graphs, double budget)
    {
        var first = graphs.Select(graph => timer.Of(() => stream.Launch(graph), 2)[1]).ToArray();
        var times = graphs.Select(_ => new double[Math.Clamp((int)(budget / first.Min()), FewestRuns, MostRuns)]).ToArray();
        for (var run = 0; run < times[0].Length; run++)
        {
            for (var i = 0; i < graphs.Length; i++)
                times[i][run] = timer.Of(() => stream.Launch(graphs[i]), 1)[0];
        }

        return Array.ConvertAll(times, KernelTimer.Median);
    }

    private CudaGraph Record() => CudaGraph.Record(device, stream, () =>
    {
        foreach (var planned in launches)
            planned.Launch.Enqueue();
    });
}
