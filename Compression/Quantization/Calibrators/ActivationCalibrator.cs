namespace SparseGrid.Compression.Quantization.Calibrators;

/// <summary>Chooses amax of an activation from its histogram.</summary>
/// <remarks>
/// The definitions of pytorch-quantization's calibrators. Where those give an accident, this gives a rule: all-zero data have amax 0 by every method, and
/// the entropy search ignores candidates that hold no data (there, NaN wins, and amax ends below all the data). docs/numerics.md lists every difference.
/// </remarks>
public static class ActivationCalibrator
{
    /// <summary>amax for 8 bits, in the activation's units: finite, at least 0; 0 only for all-zero data.</summary>
    /// <param name="percentile">For <see cref="CalibrationMethod.Percentile"/>: the share of values that lies below amax, above 0 up to 100.</param>
    /// <param name="signed">True for int8, whose largest level is 127; false for uint8 with 255.</param>
    /// <inheritdoc cref="Amax(ActivationHistogram, RangeSearch, QuantizationLevels)"/>
    public static float Amax(ActivationHistogram histogram, CalibrationMethod method, double percentile, bool signed) =>
        Amax(histogram, new(method, percentile), signed ? QuantizationLevels.Int8 : QuantizationLevels.UInt8);

    /// <summary>amax, in the activation's units: finite, at least 0; 0 only for all-zero data.</summary>
    /// <param name="levels">The levels that values will have; a search needs the largest.</param>
    /// <exception cref="ArgumentOutOfRangeException">The percentile, first candidate or stride is outside its range, or the method is unknown.</exception>
    /// <exception cref="InvalidOperationException">The histogram has seen no data.</exception>
    public static float Amax(ActivationHistogram histogram, RangeSearch search, QuantizationLevels levels)
    {
        if (search is { Method: CalibrationMethod.Percentile, Percentile: not (> 0 and <= 100) })
            throw new ArgumentOutOfRangeException(nameof(search), search.Percentile, $"percentile is {search.Percentile}: it is above 0 and at most 100.");
        if (histogram.Seen == 0)
            throw new InvalidOperationException("The histogram is empty: no batch of this activation was collected. Calibrate with at least one image.");
        if (histogram.Max == 0)
            return 0;

        return search.Method switch
        {
            CalibrationMethod.Max => histogram.Max,
            CalibrationMethod.Entropy =>
                EntropySearch.Best(histogram.Counts, levels.Max + 1, search.StartBin, search.Stride) is int bins ? histogram.Edge(bins) : histogram.Max,
            CalibrationMethod.Mse => histogram.Centre(SquaredErrorSearch.Best(histogram.Counts, levels.Max, search.StartBin, search.Stride)),
            CalibrationMethod.Percentile => AtPercentile(histogram, search.Percentile),
            _ => throw new ArgumentOutOfRangeException(nameof(search), search.Method, "The calibration method is unknown."),
        };
    }

    /// <summary>Refuses candidates that a histogram does not have.</summary>
    internal static void RequireCandidates(int startBin, int stride, int last)
    {
        if (startBin < 1 || startBin > last)
            throw new ArgumentOutOfRangeException(nameof(startBin), startBin, $"start_bin is {startBin}: the candidates of this histogram are 1 to {last}. Take a smaller one, or more bins.");
        if (stride < 1)
            throw new ArgumentOutOfRangeException(nameof(stride), stride, $"stride is {stride}: the next candidate is at least 1 bin further.");
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
