using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Ranges against pytorch-quantization's calibrators: largest values, weights, and what <see cref="HistogramCases"/> compares.</summary>
internal static class CalibratorCases
{
    public static double Compare(GoldenCase each)
    {
        using var scope = NewDisposeScope();
        return each.Function switch
        {
            "utils.reduce_amax" => CompareReductions(each),
            "calibrate_weights" => CompareWeights(each),
            _ when each.Function.StartsWith("MaxCalibrator", StringComparison.Ordinal) => CompareMax(each),
            _ => HistogramCases.Compare(each),
        };
    }

    /// <summary>The axes of an argument: null, a number or a list.</summary>
    public static ImmutableArray<int> Axes(JsonNode? axis) => axis switch
    {
        null => [],
        JsonArray axes => [.. axes.Select(one => one!.GetValue<int>())],
        _ => [axis.GetValue<int>()],
    };

    private static double CompareMax(GoldenCase each)
    {
        using var calibrator = new MaxCalibrator(Axes(each.Argument("axis")), each.Argument("track_amax", false));
        if (each.Raises && !each.Batches.Any())
        {
            // The batches of this one are not recorded: any whose kept axis changes size.
            calibrator.Collect(ones(2, 3), each.Id);
            Assert.Contains("must not change size", Assert.Throws<ArgumentException>(() => calibrator.Collect(ones(4, 5), each.Id)).Message);
            return 0;
        }

        foreach (var (batch, number) in each.Batches.Select((batch, number) => (batch, number)))
        {
            calibrator.Collect(AsTensor(batch), each.Id);
            if (each.Output($"amax_after_batch{number}") is HostArray amax)
                Same(amax, calibrator.Amax!);
        }

        // The reference keeps its first maximum in the memory of the running one, so that later batches overwrite it.
        for (var number = 0; each.Output($"amaxs{number}") is HostArray amax; number++)
        {
            Same(number == 0 ? each.Output("amax_after_batch0")! : amax, calibrator.History[number]);
            if (number == 0)
                Same(amax, calibrator.Amax!);
        }

        return 0;
    }

    // Roles as "t023_nokeep": reduced along axes 0, 2 and 3, which are dropped then.
    private static double CompareReductions(GoldenCase each)
    {
        var x = AsTensor(each.Input("x")!);
        var rank = (int)x.dim();
        foreach (var role in each.Outputs)
        {
            var digits = role.Split('_')[0].Where(char.IsDigit).Select(digit => digit - '0').ToArray();
            var reduced = role.StartsWith("none", StringComparison.Ordinal) || role.StartsWith("all", StringComparison.Ordinal) ? [.. Enumerable.Range(0, rank)]
                : role.StartsWith("neg", StringComparison.Ordinal) ? [rank - digits[0]] : digits;
            ImmutableArray<int> kept = [.. Enumerable.Range(0, rank).Except(reduced)];
            var amax = MaxCalibrator.LargestMagnitude(x, kept);
            Same(each.Output(role)!, role.EndsWith("_nokeep", StringComparison.Ordinal) ? amax.view([.. kept.Select(axis => x.shape[axis])]) : amax);
        }

        return 0;
    }

    private static double CompareWeights(GoldenCase each)
    {
        var weight = each.Input("weight")!;
        var range = new WeightRange(
            Enum.Parse<CalibrationMethod>(each.Argument("method", "percentile"), ignoreCase: true),
            each.Argument("perchannel", true) ? WeightGranularity.Channel : WeightGranularity.Tensor,
            each.Argument("module", "").Contains("Transpose") ? 1 : 0, each.Argument("percentile", 99.99), each.Argument("num_bins", 2048));
        var amax = WeightCalibrator.Amax(weight, range, QuantizationLevels.NarrowInt8).ToArray();
        if (each.Raises)
        {
            // One range by the largest magnitude: the reference cannot, though it means to.
            Assert.Equal([weight.Floats.ToArray().Max(MathF.Abs)], amax);
            return 0;
        }

        var expected = each.Output("amax")!;
        var width = (float[])[.. WeightCalibrator.Amax(weight, range with { Method = CalibrationMethod.Max }, QuantizationLevels.NarrowInt8).Select(max => max / range.Bins)];
        Assert.Equal(expected.Count, amax.Length);
        var largest = 0.0;
        for (var k = 0; k < amax.Length; k++)
        {
            // A percentile within the first bin is its right edge here, so that the weights are not erased.
            var target = expected.Floats[k] == 0 ? width[k] : expected.Floats[k];
            var same = MathF.BitDecrement(target) <= amax[k] && amax[k] <= MathF.BitIncrement(target);
            // Sums of float32 there: another candidate may be as good to five digits.
            Assert.True(same || (range.Method == CalibrationMethod.Mse && AsGood(weight, range, k, target, width[k])), $"range {k}: expected {target:G9}, got {amax[k]:G9}");
            largest = Math.Max(largest, !same || target == 0 ? 0 : Math.Abs(amax[k] / (double)target - 1));
        }

        return largest;
    }

    private static bool AsGood(HostArray weight, WeightRange range, int k, float amax, float width)
    {
        var values = AsTensor(weight);
        var histogram = new ActivationHistogram(range.Bins);
        histogram.Collect(range.Granularity == WeightGranularity.Tensor ? values : values.select(range.Axis, k), "weight");
        var costs = SlowRangeSearch.SquaredErrors(histogram.Counts.ToArray(), QuantizationLevels.NarrowInt8.Max);
        return costs[(int)Math.Round(amax / width - 0.5) - 128] <= costs.Min() * 1.00005;
    }

    private static void Same(HostArray expected, Tensor actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.shape);
        Assert.Equal(GoldenCase.AsFloats(expected), actual.contiguous().data<float>().ToArray());
    }

    private static Tensor AsTensor(HostArray array) => tensor(GoldenCase.AsFloats(array)).view(array.Shape.ToArray());
}
