namespace SparseGrid.Compression.Statistics;

/// <summary>Order statistics of a sample.</summary>
public static class Quantile
{
    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    /// <exception cref="ArgumentException">The sample is empty.</exception>
    public static double Median(IEnumerable<double> sample)
    {
        var sorted = Sorted(sample);
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The smallest value that at least that share of the sample does not exceed: the ⌈share·n⌉-th smallest.</summary>
    /// <param name="share">Above 0, up to 1.</param>
    /// <exception cref="ArgumentException">The sample is empty, or the share is out of range.</exception>
    public static double NearestRank(IEnumerable<double> sample, double share)
    {
        if (share is not (> 0 and <= 1))
            throw new ArgumentException($"The share is {share}: it lies above 0 and up to 1.", nameof(share));

        var sorted = Sorted(sample);
        // One part in 10^12 less, so that 0.99 · 300 = 297.00000000000006 is rank 297.
        var rank = (int)Math.Ceiling(share * sorted.Length * (1 - 1e-12));
        return sorted[Math.Max(rank, 1) - 1];
    }

    private static double[] Sorted(IEnumerable<double> sample)
    {
        double[] sorted = [.. sample];
        if (sorted.Length == 0)
            throw new ArgumentException("The sample is empty; a quantile needs at least one value.", nameof(sample));
        Array.Sort(sorted);
        return sorted;
    }
}
