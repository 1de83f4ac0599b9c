using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>Chooses among the fastest tiles of each layer, and between dense and 2:4, by the time of the whole network.</summary>
/// <remarks>A kernel repeated in a row starts under its own shadow and finds its weights near; between other kernels it does not. On an H100 at batch 1 the 2:4 tiles of ResNet-34 were 1.06
/// to 1.14 times as fast as the dense ones in rows, and the network built of them took 193 us against 189.</remarks>
internal sealed class NetworkTuning(
    CudaDevice device, CudaStream stream, KernelTimer timer, TileSearch search, IReadOnlyDictionary<ConvStep, TiledConvolution> tiled, List<(PlanStep Step, KernelLaunch Launch)> launches)
{
    /// <summary>A change is taken where the network gets faster by more than this share: medians repeat within about half of it.</summary>
    private const double Gain = 0.004;

    private const int Rounds = 9;
    private readonly Dictionary<string, bool> forms = [];

    /// <summary>True where layers of this shape run on 2:4 kernels.</summary>
    public bool IsTwoFour(TiledConvolution layer) => forms[layer.Shape];

    /// <summary>Settles tiles and forms; the launches are those afterwards.</summary>
    /// <param name="formsOf">The forms that a layer may take.</param>
    public void Run(Func<ConvStep, bool[]> formsOf)
    {
        var shapes = tiled.Values.GroupBy(layer => layer.Shape).Select(group => (Layer: group.First(), Forms: formsOf(group.First().Step))).ToArray();
        foreach (var (layer, each) in shapes)
            Use(layer, each[0]);

        foreach (var form in (bool[])[false, true])
        {
            var open = shapes.Where(shape => shape.Forms.Contains(form)).ToArray();
            foreach (var (layer, _) in open)
                Use(layer, form);
            if (open.Any(shape => search.Ranked(shape.Layer, form).Count > 1))
                ChooseTiles([.. open.Select(shape => shape.Layer)], form);
        }

        if (shapes.Any(shape => shape.Forms.Length > 1))
            ChooseForms([.. shapes.Where(shape => shape.Forms.Length > 1).Select(shape => shape.Layer)]);
    }

    private void ChooseTiles(TiledConvolution[] layers, bool twoFour)
    {
        var best = Time();
        foreach (var layer in layers)
        {
            var kept = search.Of(layer, twoFour);
            foreach (var other in search.Ranked(layer, twoFour).Where(choice => choice != kept).ToArray())
            {
                search.Choose(layer, twoFour, other);
                Use(layer, twoFour);
                if (Time() is var time && time < best * (1 - Gain))
                    (best, kept) = (time, other);
            }

            search.Choose(layer, twoFour, kept);
            Use(layer, twoFour);
        }
    }

    // All are in 2:4 form here.
    private void ChooseForms(TiledConvolution[] layers)
    {
        var best = Time();
        foreach (var layer in layers)
        {
            Use(layer, twoFour: false);
            if (Time() is var time && time < best * (1 - Gain))
                best = time;
            else
                Use(layer, twoFour: true);
        }
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
            launches[i] = (conv, launch);
        }
    }

    private double Time()
    {
        using var graph = CudaGraph.Record(device, stream, () =>
        {
            foreach (var (_, launch) in launches)
                launch.Enqueue();
        });
        stream.Launch(graph);
        stream.Launch(graph);
        return KernelTimer.Median(timer.Of(() => stream.Launch(graph), Rounds));
    }
}
