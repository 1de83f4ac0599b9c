namespace SparseGrid.Compression.Quantization.Calibrators;

/// <summary>Chooses amax of an activation from its histogram.</summary>
/// <remarks>
/// The definitions of pytorch-quantization's calibrators. Where those give an accident, this gives a rule: all-zero data have amax 0 by every method, and
/// the entropy search ignores candidates that hold no data (there, NaN wins, and amax ends below all the data).
/// </remarks>
public static class ActivationCalibrator
{
    /// <summary>The first candidate of the entropy and mse searches, in bins.</summary>
    internal const int StartBin = 128;

    /// <summary>amax, in the activation's units: finite, at least 0; 0 only for all-zero data.</summary>
    /// <param name="percentile">For <see cref="CalibrationMethod.Percentile"/>: the share of values that lies below amax, above 0 up to 100.</param>
    /// <param name="signed">True for int8, whose largest level is 127; false for uint8 with 255.</param>
    /// <exception cref="ArgumentOutOfRangeException">The percentile is outside its range, or the method is unknown.</exception>
    /// <exception cref="InvalidOperationException">The histogram has seen no data.</exception>
    public static float Amax(ActivationHistogram histogram, CalibrationMethod method, double percentile, bool signed)
    {
        if (method == CalibrationMethod.Percentile && percentile is not (> 0 and <= 100))
            throw new ArgumentOutOfRangeException(nameof(percentile), percentile, $"percentile is {percentile}: it is above 0 and at most 100.");
        if (histogram.Total == 0)
            throw new InvalidOperationException("The histogram is empty: no batch of this activation was collected. Calibrate with at least one image.");
        if (histogram.Max == 0)
            return 0;

        return method switch
        {
            CalibrationMethod.Max => histogram.Max,
            CalibrationMethod.Entropy => EntropySearch.Best(histogram.Counts, signed ? 128 : 256) is int bins ? histogram.Edge(bins) : histogram.Max,
            CalibrationMethod.Mse => histogram.Centre(SquaredErrorSearch.Best(histogram.Counts, signed ? 127 : 255)),
            CalibrationMethod.Percentile => AtPercentile(histogram, percentile),
            _ => throw new ArgumentOutOfRangeException(nameof(method), method, "The calibration method is unknown."),
        };
    }

    // The left edge of the first bin at which the cumulative share reaches p. The shares are added up in float64 one by one, as the reference
    // does: that decides where a share of exactly p falls. An edge of 0 (that share lies in the first bin) would quantize everything to 0: then
    // it is the bin's right edge.
    private static float AtPercentile(ActivationHistogram histogram, double percentile)
    {
        var counts = histogram.Counts;
        double total = histogram.Total;
        var last = counts.LastIndexOfAnyExcept(0);
        var bin = 0;
        for (var share = counts[0] / total; share < percentile / 100 && bin < last;)
            share += counts[++bin] / total;
        return histogram.Edge(Math.Max(bin, 1));
    }
}
