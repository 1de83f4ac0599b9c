using System.Globalization;
using System.Text.Json.Nodes;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Quantization;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Histograms and the ranges read from them, against pytorch-quantization's histogram calibrator.</summary>
/// <remarks>
/// Where the reference has an accident, the documented behaviour is asserted in its place (docs/numerics.md): its NumPy branch starts its bins at the smallest value of the
/// first batch and drops what lies outside; its edges can be one too many or too few; zeros before data make it fail; NaN wins its entropy search.
/// </remarks>
internal static class HistogramCases
{
    // An edge is a product of a rounded width here, a rounded sum or product there: with bins of 2^n a unit in the last place apart, else two.
    private const double Rounding = 4.0 / (1 << 24);

    public static double Compare(GoldenCase each)
    {
        var histogram = new ActivationHistogram(each.Argument("num_bins", 2048), each.Argument("skip_zeros", false));
        if (!each.Batches.Any())
        {
            foreach (var method in Enum.GetValues<CalibrationMethod>())
                Assert.Throws<InvalidOperationException>(() => ActivationCalibrator.Amax(histogram, method, 99, true));
            return 0;
        }

        var likeOurs = each.Argument("torch_hist", true) && each.Rule != "informative";
        var largest = 0.0;
        foreach (var (batch, number) in each.Batches.Select((batch, number) => (batch, number)))
        {
            histogram.Collect(GoldenCase.AsFloats(batch), each.Id);
            if (likeOurs && each.Output($"hist{number}") is HostArray counts && histogram.Max > 0)
                largest = Math.Max(largest, CompareBins(each, number, counts, histogram));
        }

        CompareWithDefinition(each, histogram);
        if (likeOurs && histogram.Max > 0)
            histogram = HistogramExamples.Of(Theirs(each).Counts, histogram.Width);
        if (histogram.Max == 0)
        {
            foreach (var method in Enum.GetValues<CalibrationMethod>())
                Assert.Equal(0, ActivationCalibrator.Amax(histogram, method, 99.9, true));
            return likeOurs ? 0 : double.NaN;
        }

        // Zeros before data, where the reference fails, and whatever else: there is a range by every method.
        foreach (var method in Enum.GetValues<CalibrationMethod>())
            Assert.InRange(ActivationCalibrator.Amax(histogram, method, 99.9, true), float.Epsilon, MathF.Max(histogram.Max, histogram.Edge(histogram.Counts.Length)));

        // Where the bins are the reference's, its ranges are ours; else each is held against the definition on its own bins.
        foreach (var one in each.Values.Select(entry => entry.Value).OfType<JsonObject>().Where(value => value["method"] is not null))
        {
            if (likeOurs)
                largest = Math.Max(largest, CompareRange(each, one, histogram));
            else
                CompareApart(each, one, histogram);
        }

        if (each.Output("entropy.divergences") is HostArray curve && likeOurs)
            largest = Math.Max(largest, CompareCurve(curve, EntropySearch.Divergences(histogram.Counts, Levels(each).Max + 1)));
        return likeOurs ? largest : double.NaN;
    }

    private static QuantizationLevels Levels(GoldenCase each) => QuantizationLevels.Of(each.Argument("num_bits", 8), !each.Argument("unsigned", false), narrow: false);

    private static double CompareBins(GoldenCase each, int number, HostArray counts, ActivationHistogram histogram)
    {
        var (theirs, edges) = (GoldenCase.AsFloats(counts), each.Output($"edges{number}")!);
        Assert.Equal(theirs.Length, histogram.Counts.Length);
        Assert.Equal(theirs.Sum(count => (double)count), histogram.Total);

        // The reference divides by the last edge and multiplies with the bins: what lies within those roundings of an edge may fall on either side.
        var moved = theirs.Zip(histogram.Counts.ToArray(), (a, b) => Math.Abs((long)a - b)).Sum();
        if (moved > 0)
        {
            var near = each.Batches.Take(number + 1).SelectMany(GoldenCase.AsFloats).Select(value => Math.Abs((double)value) / histogram.Width)
                .Count(position => Math.Abs(position - Math.Round(position)) <= position * 4 * Math.Pow(2, -24));
            Assert.InRange(moved, 0, 2 * near);
        }

        // The reference adds up its edges in float32; k·width, rounded once, is the nearest float.
        var expected = GoldenCase.AsFloats(edges);
        Assert.Equal(histogram.Counts.Length + 1, expected.Length);
        return expected.Select((edge, k) => Near(edge, histogram.Edge(k), $"edge {k}")).Max();
    }

    /// <summary>Every value is counted, in bins of one width from 0 on, wherever it lay in its batch.</summary>
    private static void CompareWithDefinition(GoldenCase each, ActivationHistogram histogram)
    {
        var values = each.Batches.SelectMany(GoldenCase.AsFloats).ToArray();
        var counted = values.Where(value => !histogram.SkipsZeros || value != 0).ToArray();
        Assert.Equal((values.Length, counted.Length), (histogram.Seen, histogram.Total));
        if (histogram.Max == 0)
            return;

        var first = each.Batches.Select(batch => GoldenCase.AsFloats(batch).Max(MathF.Abs)).First(max => max > 0);
        Assert.Equal(first / each.Argument("num_bins", 2048), histogram.Width);
        var counts = new long[histogram.Counts.Length];
        foreach (var value in counted)
            counts[Math.Min((int)(MathF.Abs(value) / histogram.Width), counts.Length - 1)]++;
        var moved = counts.Zip(histogram.Counts.ToArray(), (a, b) => Math.Abs(a - b)).Sum();
        Assert.True(moved <= 2 * each.Batches.Count(), "only the maximum of a batch may lie on an edge that is no longer the last");
    }

    private static double CompareRange(GoldenCase each, JsonNode recorded, ActivationHistogram histogram)
    {
        var levels = Levels(each);
        var search = new RangeSearch(CalibrationMethod.Percentile, Number(recorded["percentile"], 99.99), (int)Number(recorded["start_bin"], 128), (int)Number(recorded["stride"], 1));
        switch (recorded["method"]!.GetValue<string>())
        {
            case "percentile" when recorded["raises"] is not null || search.Percentile == 0:
                // The share of 0 has no value below it: the reference gives 0, which erases everything.
                Assert.Throws<ArgumentOutOfRangeException>(() => ActivationCalibrator.Amax(histogram, search, levels));
                return 0;
            case "percentile" when search.Percentile == 100:
                // Whether the shares there add up to 1 decides between the last filled bin's edges; here it is always the left one.
                var last = histogram.Counts.LastIndexOfAnyExcept(0);
                Assert.Equal(histogram.Edge(Math.Max(last, 1)), ActivationCalibrator.Amax(histogram, search, levels));
                Assert.InRange(recorded["amax"]!.GetValue<float>(), histogram.Edge(last) * (1 - Rounding), histogram.Edge(last + 1) * (1 + Rounding));
                return 0;
            case "percentile":
                var (expected, actual) = (recorded["amax"]!.GetValue<float>(), ActivationCalibrator.Amax(histogram, search, levels));
                return Near(expected == 0 ? histogram.Edge(1) : expected, actual, $"percentile {search.Percentile}");
            case "mse" or "entropy" when recorded["raises"] is not null:
                return 0;                                     // a range was found above
            case "mse":
                var amax = ActivationCalibrator.Amax(histogram, search with { Method = CalibrationMethod.Mse }, levels);
                return Within(recorded, amax, histogram, "mse");
            case "entropy" when recorded["picked_because"] is not null:
                // NaN won there, below all the data. The smallest finite divergence is chosen here, which lies among them.
                Assert.True(ActivationCalibrator.Amax(histogram, search with { Method = CalibrationMethod.Entropy }, levels) > recorded["amax"]!.GetValue<float>());
                return 0;
            case "entropy":
                var range = ActivationCalibrator.Amax(histogram, search with { Method = CalibrationMethod.Entropy }, levels);
                if (recorded["equally_good"]?["candidates"]?.GetValue<int>() == 1)
                    Assert.Equal(recorded["picked_i"]!.GetValue<int>(), EntropySearch.Best(histogram.Counts, levels.Max + 1, search.StartBin, search.Stride));
                return Within(recorded, range, histogram, "entropy");
            default:
                Assert.NotNull(recorded["raises"]);           // a method that neither knows
                Assert.Throws<ArgumentOutOfRangeException>(() => ActivationCalibrator.Amax(histogram, search with { Method = (CalibrationMethod)99 }, levels));
                return 0;
        }
    }

    /// <summary>The reference's own bins differ from ours: its searches are repeated on its bins, and ours on ours by the definition.</summary>
    private static void CompareApart(GoldenCase each, JsonNode recorded, ActivationHistogram histogram)
    {
        var (levels, theirs) = (Levels(each), Theirs(each));
        var (start, stride) = ((int)Number(recorded["start_bin"], 128), (int)Number(recorded["stride"], 1));
        var counts = histogram.Counts.ToArray();
        var before = ActivationCalibrator.Amax(histogram, CalibrationMethod.Percentile, 50, signed: true);
        switch (recorded["method"]!.GetValue<string>())
        {
            case "entropy":
                if (recorded["picked_because"] is null)
                    Assert.Equal(recorded["picked_i"]!.GetValue<int>(), EntropySearch.Best(theirs.Counts, levels.Max + 1, start, stride));
                Assert.Equal(
                    start + stride * Last(SlowRangeSearch.Divergences(counts, levels.Max + 1, start, stride)), EntropySearch.Best(counts, levels.Max + 1, start, stride));
                break;
            case "mse":
                if (recorded["raises"] is null)
                {
                    // Sums of float32 there: whatever is as good to five digits may have won.
                    var errors = SlowRangeSearch.SquaredErrors(theirs.Counts, levels.Max, start, stride, theirs.Edges[0] / (theirs.Edges[1] - theirs.Edges[0]));
                    Assert.InRange(errors[(recorded["picked_i"]!.GetValue<int>() - start) / stride], errors.Min(), errors.Min() * 1.00005);
                }

                var costs = SlowRangeSearch.SquaredErrors(counts, levels.Max, start, stride);
                Assert.InRange(costs[(SquaredErrorSearch.Best(counts, levels.Max, start, stride) - start) / stride], 0, costs.Min() * (1 + 1e-12));
                break;
            case "percentile" when recorded["amax"] is JsonNode amax:
                // The entropy search changes the reference's first bin, which moves what is asked of it afterwards; ours changes nothing.
                var ours = ActivationCalibrator.Amax(histogram, CalibrationMethod.Percentile, Number(recorded["percentile"], 99.99), signed: true);
                if (!recorded.GetPropertyName().StartsWith("after", StringComparison.Ordinal))
                {
                    var bin = Math.Max(histogram.Width, theirs.Edges[1] - theirs.Edges[0]);
                    Assert.InRange(ours, amax.GetValue<float>() - 1.01f * bin, amax.GetValue<float>() + 1.01f * bin);
                }

                break;
        }

        Assert.Equal(counts, histogram.Counts.ToArray());
        Assert.Equal(before, ActivationCalibrator.Amax(histogram, CalibrationMethod.Percentile, 50, signed: true));

        static int Last(double[] curve) => Array.FindLastIndex(curve, d => d <= curve.Where(double.IsFinite).Min() + 1e-15);
    }

    private static (long[] Counts, float[] Edges) Theirs(GoldenCase each)
    {
        var last = Enumerable.Range(0, each.Batches.Count()).Last(number => each.Output($"hist{number}") is not null);
        var counts = each.Output($"hist{last}")!;
        return (counts.Type == ElementType.I64 ? counts.Longs.ToArray() : [.. GoldenCase.AsFloats(counts).Select(count => (long)count)], GoldenCase.AsFloats(each.Output($"edges{last}")!));
    }

    // Where the definition has a finite divergence, so has the fast search; elsewhere infinity stands for infinity and NaN.
    private static double CompareCurve(HostArray curve, double[] actual)
    {
        var expected = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(curve.Bytes.Span).ToArray();
        Assert.Equal(expected.Length, actual.Length);
        var largest = 0.0;
        for (var at = 0; at < expected.Length; at++)
        {
            if (!double.IsFinite(expected[at]))
                Assert.Equal(double.PositiveInfinity, actual[at]);
            else
                largest = Math.Max(largest, Math.Abs(expected[at] - actual[at]));
        }

        Assert.InRange(largest, 0, 1e-9);
        return largest;
    }

    private static double Within(JsonNode recorded, float actual, ActivationHistogram histogram, string what)
    {
        var best = recorded["equally_good"]!;
        var (least, most) = (best["amax_min"]!.GetValue<float>(), best["amax_max"]!.GetValue<float>());
        Assert.True(least - least * Rounding <= actual && actual <= most + most * Rounding, $"{what}: expected {least:G9} to {most:G9}, got {actual:G9} (bins of {histogram.Width})");
        return actual < least ? 1 - actual / least : actual > most ? actual / most - 1 : 0;
    }

    // How far off, relatively.
    private static double Near(float expected, float actual, string what)
    {
        Assert.True(Math.Abs((double)expected - actual) <= expected * Rounding, $"{what}: expected {expected:G9}, got {actual:G9}");
        return expected == 0 ? Math.Abs(actual) : Math.Abs(actual / (double)expected - 1);
    }

    private static double Number(JsonNode? node, double otherwise) => node is null ? otherwise : double.Parse(node.ToString(), CultureInfo.InvariantCulture);
}
