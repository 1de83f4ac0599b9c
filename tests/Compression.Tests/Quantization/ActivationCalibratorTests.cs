using System.Diagnostics;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;

namespace SparseGrid.Compression.Tests.Quantization;

public sealed class ActivationCalibratorTests
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 200 : 9;

    [Theory]
    [InlineData("1000000 div (1+j)", 8201121, 8.0, 0.0978351431, 7.935546875, 1886, 2031, 2046)]
    [InlineData("2048 - j", 2098176, 7.984375, 2.81631599e-5, 7.802734375, 1843, 1983, 2028)]
    [InlineData("1000000 div (1+j²)", 2075222, 0.625, 0.0127392012, 3.638671875, 45, 295, 792)]
    [InlineData("max(0, 600-j), outlier", 180301, 2.33984375, 2.57409477e-5, 3.970703125, 540, 581, 594)]
    [InlineData("max(0, 2250000-j²) div 100, outlier", 22510510, 5.84765625, 3.16110516e-5, 5.732421875, 1376, 1461, 1488)]
    public void The_worked_histograms_give_their_ranges(
        string name, long total, double entropy, double divergence, double mse, int at99, int at999, int at9999)
    {
        var counts = HistogramExamples.Named(name);
        var histogram = HistogramExamples.Of(counts);
        Assert.Equal(total, histogram.Total);
        Assert.Equal((float)entropy, Amax(CalibrationMethod.Entropy));
        Assert.Equal((float)mse, Amax(CalibrationMethod.Mse));
        Assert.Equal(at99 / 256f, Amax(CalibrationMethod.Percentile, 99));
        Assert.Equal(at999 / 256f, Amax(CalibrationMethod.Percentile, 99.9));
        Assert.Equal(at9999 / 256f, Amax(CalibrationMethod.Percentile, 99.99));
        Assert.Equal(divergence, EntropySearch.Divergences(counts, 128).Min(), divergence * 1e-8);

        float Amax(CalibrationMethod method, double percentile = 99.99) => ActivationCalibrator.Amax(histogram, method, percentile, signed: true);
    }

    [Theory]
    [InlineData(128, 128, 1)]
    [InlineData(256, 128, 1)]
    [InlineData(8, 128, 1)]
    [InlineData(128, 1, 7)]
    [InlineData(16, 200, 3)]
    public void The_fast_entropy_search_equals_the_definition_on_random_histograms(int levels, int startBin, int stride)
    {
        var random = new Random(31);
        for (var round = 0; round < Rounds; round++)
        {
            var counts = RandomCounts(random, 256 + random.Next(0, 300), round);
            var expected = SlowRangeSearch.Divergences(counts, levels, startBin, stride);
            var actual = EntropySearch.Divergences(counts, levels, startBin, stride);
            Assert.Equal(expected.Length, actual.Length);
            for (var at = 0; at < expected.Length; at++)
            {
                if (double.IsFinite(expected[at]))
                    Assert.Equal(expected[at], actual[at], 1e-11);
                else
                    Assert.Equal(double.PositiveInfinity, actual[at]);
            }

            // The last of the smallest, compared as the definition computes them.
            var smallest = expected.Where(double.IsFinite).Min();
            Assert.Equal(startBin + stride * Array.FindLastIndex(expected, d => d <= smallest + 1e-15), EntropySearch.Best(counts, levels, startBin, stride));
        }
    }

    [Theory]
    [InlineData(127, 128, 1)]
    [InlineData(255, 128, 1)]
    [InlineData(7, 128, 1)]
    [InlineData(127, 1, 5)]
    [InlineData(15, 200, 3)]
    public void The_squared_error_search_equals_the_definition_on_random_histograms(int maxLevel, int startBin, int stride)
    {
        var random = new Random(32);
        for (var round = 0; round < Rounds; round++)
        {
            var counts = RandomCounts(random, 256 + random.Next(0, 300), round);
            var costs = SlowRangeSearch.SquaredErrors(counts, maxLevel, startBin, stride);
            var chosen = SquaredErrorSearch.Best(counts, maxLevel, startBin, stride);
            Assert.Equal(0, (chosen - startBin) % stride);
            Assert.Equal(costs.Min(), costs[(chosen - startBin) / stride], Math.Max(costs.Min(), 1) * 1e-12);
        }
    }

    [Fact]
    public void Candidates_that_a_histogram_does_not_have_are_refused_with_those_that_it_has()
    {
        var histogram = HistogramExamples.Of(HistogramExamples.Counts(300, j => 300 - j));
        foreach (var method in (CalibrationMethod[])[CalibrationMethod.Entropy, CalibrationMethod.Mse])
        {
            Assert.Contains("1 to", Refused(new(method, StartBin: 301)).Message);
            Assert.Contains("start_bin is 0", Refused(new(method, StartBin: 0)).Message);
            Assert.Contains("stride is 0", Refused(new(method, Stride: 0)).Message);
        }

        ArgumentOutOfRangeException Refused(RangeSearch search) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => ActivationCalibrator.Amax(histogram, search, QuantizationLevels.Int8));
    }

    [Fact]
    public void Max_is_the_largest_value_and_not_the_edge_above_it()
    {
        var histogram = new ActivationHistogram();
        histogram.Collect([1, 2], "x");
        histogram.Collect([-2.7f], "x");
        Assert.Equal(2.7f, ActivationCalibrator.Amax(histogram, CalibrationMethod.Max, 99.99, signed: true));
    }

    [Theory]
    [InlineData(CalibrationMethod.Max)]
    [InlineData(CalibrationMethod.Entropy)]
    [InlineData(CalibrationMethod.Mse)]
    [InlineData(CalibrationMethod.Percentile)]
    public void All_zero_data_have_amax_0_and_no_data_are_an_error(CalibrationMethod method)
    {
        var histogram = new ActivationHistogram();
        Assert.Contains("empty", Assert.Throws<InvalidOperationException>(() => ActivationCalibrator.Amax(histogram, method, 99.9, true)).Message);
        histogram.Collect(new float[10], "x");
        Assert.Equal(0, ActivationCalibrator.Amax(histogram, method, 99.9, signed: true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nearly_constant_data_keep_a_range_that_reaches_them(bool signed)
    {
        var random = new Random(33);
        var histogram = new ActivationHistogram();
        histogram.Collect(Enumerable.Range(0, 4000).Select(_ => 3 + (float)random.NextDouble() * 0.004f).ToArray(), "x");
        foreach (var method in Enum.GetValues<CalibrationMethod>())
            Assert.InRange(ActivationCalibrator.Amax(histogram, method, 99.99, signed), 2.999f, 3.005f);

        var constant = new ActivationHistogram();
        constant.Collect([1.5f, 1.5f, -1.5f], "x");
        Assert.Equal(1.5f, ActivationCalibrator.Amax(constant, CalibrationMethod.Entropy, 99.99, signed));
    }

    [Fact]
    public void Data_mostly_in_the_first_bin_do_not_get_a_range_of_0()
    {
        var histogram = new ActivationHistogram();
        histogram.Collect([.. new float[999_999], 1f], "x");
        foreach (var method in Enum.GetValues<CalibrationMethod>())
            Assert.True(ActivationCalibrator.Amax(histogram, method, 99.99, signed: false) > 0);
    }

    [Fact]
    public void A_percentile_of_100_reaches_the_last_filled_bin_and_others_are_checked()
    {
        var histogram = HistogramExamples.Of(HistogramExamples.Counts(300, j => j < 280 ? 1 : 0), width: 1);
        Assert.Equal(279, ActivationCalibrator.Amax(histogram, CalibrationMethod.Percentile, 100, signed: true));
        foreach (var percentile in (double[])[0, -1, 100.1, double.NaN])
            Assert.Throws<ArgumentOutOfRangeException>(() => ActivationCalibrator.Amax(histogram, CalibrationMethod.Percentile, percentile, signed: true));
    }

    [Fact]
    public void Counts_beyond_the_exact_integers_of_float32_do_not_saturate()
    {
        var counts = HistogramExamples.Named("2048 - j").Select(count => count * 100_000_000).ToArray();
        Assert.Equal(7.984375f, ActivationCalibrator.Amax(HistogramExamples.Of(counts), CalibrationMethod.Entropy, 0, signed: true));
        Assert.Equal(7.802734375f, ActivationCalibrator.Amax(HistogramExamples.Of(counts), CalibrationMethod.Mse, 0, signed: true));
    }

    [Fact]
    public void A_search_over_2048_bins_takes_milliseconds()
    {
        var histogram = HistogramExamples.Of(HistogramExamples.Named("1000000 div (1+j)"));
        foreach (var method in (CalibrationMethod[])[CalibrationMethod.Entropy, CalibrationMethod.Mse])
        {
            var fastest = double.PositiveInfinity;
            for (var run = 0; run < 40; run++)
            {
                var watch = Stopwatch.StartNew();
                ActivationCalibrator.Amax(histogram, method, 99.99, signed: false);
                fastest = Math.Min(fastest, watch.Elapsed.TotalMilliseconds);
            }

            TestContext.Current.TestOutputHelper!.WriteLine($"{method}, 2048 bins: {fastest:F2} ms");
            Assert.True(fastest < 60, $"{method} took {fastest:F1} ms; a few are expected, the reference takes 210 (mse) and 1,410 (entropy)");
        }
    }

    private static long[] RandomCounts(Random random, int bins, int kind)
    {
        var counts = HistogramExamples.Counts(bins, j => (kind % 3) switch
        {
            0 => random.Next(0, 1000),
            1 => (long)(100_000 * Math.Exp(-j * 8.0 / bins) * random.NextDouble()),
            _ => random.Next(0, 6) == 0 ? random.Next(1, 50) : 0,
        });
        counts[^1] = Math.Max(counts[^1], 1);                 // the largest value is in the last bin
        return counts;
    }
}
