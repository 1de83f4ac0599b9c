using System.Text.Json.Nodes;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Histograms and ranges against pytorch-quantization's calibrators.</summary>
internal static class CalibratorCases
{
    public static double Compare(GoldenCase each)
    {
        var reason = WhyNot(each);
        Assert.SkipWhen(reason is not null, reason ?? "");
        switch (each.Group)
        {
            case "max":
                CompareMax(each);
                return 0;
            case "calibrate_weights":
                CompareWeights(each);
                return 0;
            case "histogram, edge cases" when each.Id == "no_data":
                Assert.Throws<InvalidOperationException>(() => ActivationCalibrator.Amax(new ActivationHistogram(), CalibrationMethod.Mse, 99, true));
                return 0;
            default:
                return CompareHistogram(each);
        }
    }

    private static string? WhyNot(GoldenCase each) => each switch
    {
        { Id: "edges_one_too_many" or "edges_one_too_few" } => "informative: the reference loses count of its own edges by rounding",
        { Id: "zero_then_data" } => "informative: the reference fails on zeros before data; here they are counted (own test)",
        { Id: "max_shape_change" or "reduce_amax" } => "about the reference's tensor reductions",
        { Group: "histogram, numpy branch" } => "the reference's other branch, whose first bins start at the smallest value",
        _ when each.Argument("skip_zeros", false) => "leaving zeros out is not built",
        _ when !each.Argument("torch_hist", true) => "the reference's other branch, whose first bins start at the smallest value",
        { Group: "max" } when each.Id is not "max_axis_None" && each.Output("amax_after_batch0") is null => "about the reference's tensor reductions",
        { Group: "max" } when each.Input("batch0") is not { Type: ElementType.F32 } => "not float32",
        { Group: "max" } when each.Output("amax_after_batch0") is { Count: not 1 } amax && amax.Shape[0] != amax.Count => "ranges over other axes than the first are not built",
        { Group: "calibrate_weights" } when each.Raises || each.Argument("method", "") != "max" || !each.Argument("perchannel", true) => "weights are calibrated by their maximum per output channel only",
        { Group: "calibrate_weights" } when each.Output("amax")!.Shape[0] != each.Output("amax")!.Count => "ranges over other axes than the first are not built",
        _ => null,
    };

    private static void CompareMax(GoldenCase each)
    {
        var histogram = new ActivationHistogram();
        var running = Array.Empty<float>();
        foreach (var (batch, number) in each.Batches.Select((batch, number) => (batch, number)))
        {
            histogram.Collect(batch.Floats, each.Id);
            var expected = each.Output($"amax_after_batch{number}")!;
            if (expected.Count == 1)
            {
                Assert.Equal(expected.Floats[0], ActivationCalibrator.Amax(histogram, CalibrationMethod.Max, 0, true));
                continue;
            }

            var channels = WeightCalibrator.ChannelAmax(batch);
            running = running.Length == 0 ? [.. channels] : [.. running.Zip(channels, MathF.Max)];
            Assert.Equal(expected.Floats.ToArray(), running);
        }
    }

    private static void CompareWeights(GoldenCase each) =>
        Assert.Equal(each.Output("amax")!.Floats.ToArray(), WeightCalibrator.ChannelAmax(each.Input("weight")!));

    private static double CompareHistogram(GoldenCase each)
    {
        var largest = 0.0;
        var histogram = new ActivationHistogram(each.Argument("num_bins", 2048));
        foreach (var (batch, number) in each.Batches.Select((batch, number) => (batch, number)))
        {
            histogram.Collect(batch.Floats, each.Id);
            if (each.Output($"hist{number}") is not HostArray counts || each.Id == "zero")
                continue;
            Assert.Equal(counts.Floats.ToArray().Select(count => (long)count), histogram.Counts.ToArray());

            // The reference adds up its edges in float32; k·width, rounded once, is the nearest float.
            var edges = each.Output($"edges{number}")!.Floats;
            for (var k = 0; k < edges.Length; k++)
                largest = Math.Max(largest, Near(edges[k], histogram.Edge(k), $"{each.Id}: edge {k}"));
        }

        if (each.Id == "zero")
        {
            foreach (var method in Enum.GetValues<CalibrationMethod>())
                Assert.Equal(0, ActivationCalibrator.Amax(histogram, method, 99.9, true));
            return largest;
        }

        var (bits, unsigned) = (each.Argument("num_bits", 8), each.Argument("unsigned", false));
        var levels = 1 << (bits - (unsigned ? 0 : 1));
        foreach (var percentile in (string[])["99.9", "99.99", "99.999", "50", "100"])
        {
            if (each.Value($"percentile_{percentile}") is not JsonNode recorded)
                continue;
            var expected = recorded["amax"]!.GetValue<float>();
            var actual = ActivationCalibrator.Amax(histogram, CalibrationMethod.Percentile, double.Parse(percentile), !unsigned);
            if (expected == 0)
                Assert.Equal(histogram.Edge(1), actual);      // half of all values are 0: a range of 0 would erase the rest
            else
                largest = Math.Max(largest, Near(expected, actual, $"{each.Id}: percentile {percentile}"));
        }

        var mse = SquaredErrorSearch.Best(histogram.Counts, levels - 1);
        var best = each.Value("mse")!["equally_good"]!;
        Assert.InRange(histogram.Centre(mse), MathF.BitDecrement(best["amax_min"]!.GetValue<float>()), MathF.BitIncrement(best["amax_max"]!.GetValue<float>()));

        var entropy = each.Value("entropy")!;
        if (entropy["picked_because"] is not null)
        {
            // NaN won there, below all the data. The smallest finite divergence is chosen here, which lies among them.
            Assert.True(ActivationCalibrator.Amax(histogram, CalibrationMethod.Entropy, 0, !unsigned) > entropy["amax"]!.GetValue<float>());
            return largest;
        }

        var picked = entropy["picked_i"]!.GetValue<int>();
        Assert.Equal(picked, EntropySearch.Best(histogram.Counts, levels));
        if (bits == 8)
            largest = Math.Max(largest, Near(entropy["amax"]!.GetValue<float>(), ActivationCalibrator.Amax(histogram, CalibrationMethod.Entropy, 0, !unsigned), each.Id));
        var divergence = entropy["value_at_picked"]!.GetValue<double>();
        Assert.Equal(divergence, EntropySearch.Divergences(histogram.Counts, levels)[picked - 128], 1e-12 + divergence * 1e-9);
        return largest;
    }

    // Within one unit in the last place; how far off, relatively.
    private static double Near(float expected, float actual, string what)
    {
        Assert.True(MathF.BitDecrement(expected) <= actual && actual <= MathF.BitIncrement(expected), $"{what}: expected {expected:G9}, got {actual:G9}");
        return expected == 0 ? Math.Abs(actual) : Math.Abs(actual / (double)expected - 1);
    }
}
