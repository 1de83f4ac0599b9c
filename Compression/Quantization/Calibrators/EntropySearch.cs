namespace SparseGrid.Compression.Quantization.Calibrators;

/// <summary>The range whose quantized distribution is nearest to the seen one in KL divergence.</summary>
/// <remarks>
/// Definition (pytorch-quantization). With b the counts, b[0] replaced by b[1], and L levels, for each i from the first candidate (128) to the number of bins:
/// level(j) = ⌊j·L / i⌋; Q[j] = the mean of the nonzero bins of j's level where b[j] ≠ 0, else 0; P = b[0..i), its last bin also holding all beyond;
/// D(i) = Σ p ln(p / q) with p = P / ΣP and q = Q / ΣQ. The last i with the smallest D wins.
/// A level's share of the sum needs only its count and its number of nonzero bins, so with prefix sums one D costs L logarithms instead of i.
/// </remarks>
public static class EntropySearch
{
    // The short form cancels to about 1e-13; whatever comes this near the smallest is computed again as the definition has it.
    private const double Near = 1e-10;

    /// <summary>The chosen number of bins; amax is its upper edge. Null where no candidate has a finite divergence.</summary>
    /// <param name="counts">Histogram of |x|, at least 2 bins.</param>
    /// <param name="levels">Levels from 0 on: 128 for 8 signed bits, 256 for unsigned ones.</param>
    /// <param name="startBin">The first candidate, 1 to the number of bins.</param>
    /// <param name="stride">How far the next one is, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The first candidate or the stride is outside its range.</exception>
    public static int? Best(ReadOnlySpan<long> counts, int levels, int startBin = RangeSearch.UsualStart, int stride = 1)
    {
        var divergences = Divergences(counts, levels, startBin, stride);
        var smallest = divergences.Min();
        if (double.IsPositiveInfinity(smallest))
            return null;

        var bins = Adjusted(counts);
        var (best, chosen) = (double.PositiveInfinity, 0);
        for (var at = 0; at < divergences.Length; at++)
        {
            if (divergences[at] > smallest + Near)
                continue;
            var candidate = startBin + at * stride;
            var exact = ByDefinition(bins, candidate, levels);
            if (exact <= best)
                (best, chosen) = (exact, candidate);
        }

        return chosen;
    }

    /// <summary>D(i) in nats for i = the first candidate, a stride further, … up to the number of bins; +∞ where it is not defined or infinite.</summary>
    /// <inheritdoc cref="Best"/>
    public static double[] Divergences(ReadOnlySpan<long> counts, int levels, int startBin = RangeSearch.UsualStart, int stride = 1)
    {
        ActivationCalibrator.RequireCandidates(startBin, stride, counts.Length);
        var b = Adjusted(counts);
        var n = b.Length;
        var (sum, filled, entropy) = (new long[n + 1], new int[n + 1], new double[n + 1]);
        for (var j = 0; j < n; j++)
        {
            sum[j + 1] = sum[j] + b[j];
            filled[j + 1] = filled[j] + (b[j] == 0 ? 0 : 1);
            entropy[j + 1] = entropy[j] + TimesLog(b[j]);
        }

        double total = sum[n];
        var divergences = new double[(n - startBin) / stride + 1];
        for (var at = 0; at < divergences.Length; at++)
        {
            var i = startBin + at * stride;
            var beyond = sum[n] - sum[i];
            if (sum[i] == 0 || (b[i - 1] == 0 && beyond > 0))
            {
                divergences[at] = double.PositiveInfinity;
                continue;
            }

            // Σ P ln Q, level by level: Σ over a level of b ln(mean) is count·ln(count / nonzero bins).
            var (cross, lastMean) = (0.0, 1.0);
            for (int level = 0, start = 0; level < levels; level++)
            {
                var end = (int)(((level + 1L) * i + levels - 1) / levels);
                var count = sum[end] - sum[start];
                if (count != 0)
                {
                    var mean = count / (double)(filled[end] - filled[start]);
                    cross += count * Math.Log(mean);
                    lastMean = mean;
                }

                start = end;
            }

            cross += beyond == 0 ? 0 : beyond * Math.Log(lastMean);
            var p = entropy[i - 1] + TimesLog(b[i - 1] + beyond);
            divergences[at] = (p - cross) / total - Math.Log(total) + Math.Log(sum[i]);
        }

        return divergences;
    }

    private static double ByDefinition(ReadOnlySpan<long> b, int i, int levels)
    {
        double inside = Sum(b[..i]), beyond = Sum(b[i..]);
        var divergence = 0.0;
        for (int level = 0, start = 0; level < levels; level++)
        {
            var end = (int)(((level + 1L) * i + levels - 1) / levels);
            var (count, filled) = (0L, 0);
            foreach (var value in b[start..end])
                (count, filled) = (count + value, filled + (value == 0 ? 0 : 1));
            for (var j = start; j < end; j++)
            {
                if (b[j] == 0)
                    continue;
                var p = (b[j] + (j == i - 1 ? beyond : 0)) / (inside + beyond);
                var q = count / (double)filled / inside;
                divergence += p * Math.Log(p / q);
            }

            start = end;
        }

        return divergence;
    }

    private static long Sum(ReadOnlySpan<long> values)
    {
        var sum = 0L;
        foreach (var value in values)
            sum += value;
        return sum;
    }

    private static long[] Adjusted(ReadOnlySpan<long> counts)
    {
        var bins = counts.ToArray();
        bins[0] = bins[1];
        return bins;
    }

    private static double TimesLog(double count) => count == 0 ? 0 : count * Math.Log(count);
}
