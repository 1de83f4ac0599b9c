using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Execution;
using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;

namespace SparseGrid.Benchmarks;

/// <summary>Whole ResNets at 224x224, or another size (resnet20@32), on engine cuda-int8, 2:4 and dense, beside the best FP16 form that PyTorch offers, in turn in one run.</summary>
internal static class CudaInt8Networks
{
    public static void Run(string[] networks, int[] batches, int rounds, bool report, bool tiles)
    {
        using var device = CudaDevice.Open();
        Console.WriteLine($"{device.Name}, driver {device.Driver / 1000}.{device.Driver % 1000 / 10}, NVRTC {NvrtcCompiler.Find().Version}, median of {rounds} runs in microseconds; images float16 on the GPU");
        foreach (var name in networks)
        {
            var plan = PlanOf(name);
            foreach (var batch in batches)
                Compare(name, plan.ForBatch(batch), device, rounds, report, tiles);
        }
    }

    private static void Compare(string name, ExecutionPlan plan, CudaDevice device, int rounds, bool report, bool tiles)
    {
        var engines = new List<(string Name, CudaInt8Engine Engine, double Seconds)>();
        // Plain kernels beside the others for small images only: for large ones they take seconds.
        var forms = new List<(ConvolutionForm, bool)> { (ConvolutionForm.Fastest, true), (ConvolutionForm.Fastest, false), (ConvolutionForm.TwoFour, true), (ConvolutionForm.Dense, true) };
        if (plan.Input.Height < 224)
            forms.Add((ConvolutionForm.Plain, true));
        foreach (var (form, recorded) in forms)
        {
            var watch = Stopwatch.StartNew();
            var engine = CudaInt8Engine.Build(plan, device, new(form, ImageForm.Float16ChannelsLast, recorded) { Measured = tiles ? Tell : null });
            engines.Add(($"{form}{(recorded ? ", recorded" : "")}", engine, watch.Elapsed.TotalSeconds));
        }

        var images = Images(plan);
        var scores = engines.Select(each => Scores(each.Engine, images)).ToArray();
        var peer = Peer(name, plan.Batch, rounds);
        // In turn, so that none has a warmer or cooler GPU than the others.
        var times = engines.ToDictionary(each => each.Name, _ => new List<double>());
        for (var round = 0; round < 5; round++)
        {
            foreach (var (engineName, engine, _) in engines)
                times[engineName].AddRange(engine.Time(rounds / 5));
        }

        var equal = scores.All(each => each.AsSpan().SequenceEqual(scores[0]));
        if (!equal)
            Environment.ExitCode = 1;
        Console.WriteLine($"{name} N={plan.Batch}: scores {(equal ? "equal in all forms" : "DIFFER")}; activations {engines[0].Engine.ActivationBytes / 1e6:F1} MB; FP16 (graph us, eager us, error, torch, cuDNN) {peer}");
        foreach (var (engineName, engine, seconds) in engines)
        {
            var sorted = times[engineName].Order().ToArray();
            var median = sorted[sorted.Length / 2];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {engineName,-22} {median,8:F1} us  p90 {sorted[sorted.Length * 9 / 10],8:F1}  {plan.Batch / median * 1e6,8:F0} images/s  FP16/this {Ratio(peer, median)}  built in {seconds:F1} s: {Words(engine.BuildTimes)}"));
        }

        if (report)
        {
            foreach (var layer in engines[0].Engine.Layers)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"    {layer.Layer,-46} {layer.Geometry,-28} {layer.Kernel,-26} {layer.Operations / 1e9,7:F2} GOP {layer.Bytes / 1e6,7:F2} MB  {layer.Reason}"));
            }
        }

        foreach (var (_, engine, _) in engines)
            engine.Dispose();
    }

    private static void Tell(string shape, bool twoFour, TileChoice choice) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"tile\t{shape}\t{(twoFour ? "2:4" : "dense")}\t{choice.Tile}\t{choice.Chosen}\t{choice.Splits}\t{choice.Microseconds:F2}"));

    private static string Words(BuildTimes times) => string.Create(
        CultureInfo.InvariantCulture,
        $"code {times.Code.TotalSeconds:F1}, tiles {times.Tiles.TotalSeconds:F1}, network {times.Network.TotalSeconds:F1}, weights and the rest {(times.Total - times.Code - times.Tiles - times.Network).TotalSeconds:F1}");

    private static string Ratio(string peer, double microseconds) =>
        double.TryParse(peer.Split(' ')[0], CultureInfo.InvariantCulture, out var graph) ? (graph / microseconds).ToString("F2", CultureInfo.InvariantCulture) : "-";

    private static float[] Scores(CudaInt8Engine engine, Half[] images)
    {
        var scores = new float[engine.Plan.Batch * engine.Plan.Classes];
        engine.Run(images, scores);
        return scores;
    }

    private static Half[] Images(ExecutionPlan plan)
    {
        var random = new Random(5);
        var some = Enumerable.Range(0, 1 << 16).Select(_ => (Half)(random.NextDouble() * 4 - 2)).ToArray();
        var images = new Half[plan.Batch * plan.Input.Count];
        for (var i = 0; i < images.Length; i++)
            images[i] = some[(int)((uint)i * 2654435761u >> 16)];
        return images;
    }

    // The peer has the GPU alone while it runs; SPARSEGRID_PYTHON names another interpreter.
    internal static string Peer(string network, int batch, int rounds)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Peer", "fp16_resnet.py");
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("SPARSEGRID_PYTHON") ?? "python3", [script, network, $"{batch}", $"{rounds}"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var line = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? line : $"- ({errors.Result.Trim().Split('\n')[^1]})";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return $"- ({e.Message})";
        }
    }

    // Random weights, pruned 2:4 wherever channels come in fours; ranges as a normalized network has them.
    private static ExecutionPlan PlanOf(string name)
    {
        var (network, size) = name.Split('@') is [var small, var side] ? (small, int.Parse(side, CultureInfo.InvariantCulture)) : (name, 224);
        var graph = ResNet.Build(network, new ImageShape(3, size, size), size < 224 ? 10 : 1000);
        var weights = GraphNetwork.Initial(graph, seed: 1).ToBuilder();
        foreach (var node in graph.WeightedNodes)
        {
            var weight = ((IWeightedNode)node).WeightName;
            var values = weights[weight].Floats.ToArray();
            var shape = weights[weight].Shape;
            if (shape[1] % 4 == 0)
                KeepTwoOfFour(values, (int)shape[1], (int)(weights[weight].Count / shape[0] / shape[1]));
            weights[weight] = HostArray.Of(values, shape.AsSpan());
        }

        var arrays = weights.ToImmutable();
        var placement = QuantizerPlacement.Of(graph, Dialect.CudaInt8);
        var ranges = new QuantizationRanges(
            placement.Activations.ToImmutableSortedDictionary(quantizer => quantizer.Tensor, _ => 4f, StringComparer.Ordinal),
            graph.WeightedNodes.ToImmutableSortedDictionary(
                node => node.Name,
                node =>
                {
                    var weight = arrays[((IWeightedNode)node).WeightName];
                    return weight.Floats.ToArray().Chunk((int)(weight.Count / weight.Shape[0])).Select(row => row.Max(MathF.Abs)).ToImmutableArray();
                },
                StringComparer.Ordinal));
        return ExecutionPlan.Of(graph, arrays, placement, ranges, RoundingRule.Onnx, 1);
    }

    private static void KeepTwoOfFour(float[] values, int channels, int taps)
    {
        var four = new float[4];
        for (var start = 0; start < values.Length / taps; start += 4)
        {
            for (var tap = 0; tap < taps; tap++)
            {
                for (var q = 0; q < 4; q++)
                    four[q] = MathF.Abs(values[(start + q) * taps + tap]);
                var least = four.Order().ElementAt(1);
                var dropped = 0;
                for (var q = 0; q < 4 && dropped < 2; q++)
                {
                    if (four[q] <= least)
                    {
                        values[(start + q) * taps + tap] = 0;
                        dropped++;
                    }
                }
            }
        }

        Debug.Assert(channels % 4 == 0);
    }
}
