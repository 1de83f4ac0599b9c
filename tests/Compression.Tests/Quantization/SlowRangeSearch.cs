namespace SparseGrid.Compression.Tests.Quantization;

/// <summary>The searches for a range as they are defined, bin by bin and candidate by candidate: what the fast ones are compared with.</summary>
internal static class SlowRangeSearch
{
    /// <summary>The divergence of each candidate; NaN or infinite where the definition gives that.</summary>
    public static double[] Divergences(long[] counts, int levels, int startBin = 128, int stride = 1)
    {
        var b = counts.Select(count => (double)count).ToArray();
        b[0] = b[1];
        return [.. Candidates(startBin, stride, counts.Length).Select(i =>
        {
            var level = Enumerable.Range(0, i).Select(j => (int)((long)j * levels / i)).ToArray();
            var filled = Enumerable.Range(0, i).Where(j => b[j] != 0).GroupBy(j => level[j]).ToDictionary(group => group.Key, group => group.Average(j => b[j]));
            var p = b[..i].ToArray();
            p[i - 1] += b[i..].Sum();
            var q = Enumerable.Range(0, i).Select(j => b[j] == 0 ? 0 : filled[level[j]]).ToArray();
            double pTotal = p.Sum(), qTotal = q.Sum();
            return Enumerable.Range(0, i).Sum(j => p[j] == 0 ? 0 : p[j] / pTotal * Math.Log(p[j] / pTotal / (q[j] / qTotal)));
        })];
    }

    /// <summary>The squared error of each candidate, in bins, times the number of values.</summary>
    /// <param name="firstEdge">Lower edge of the first bin, in bins.</param>
    public static double[] SquaredErrors(long[] counts, int maxLevel, int startBin = 128, int stride = 1, double firstEdge = 0) =>
    [
        .. Candidates(startBin, stride, counts.Length - 1).Select(candidate =>
        {
            var scale = maxLevel / (firstEdge + candidate + 0.5);
            return counts.Select((count, k) =>
            {
                var centre = firstEdge + k + 0.5;
                return count * Math.Pow(Math.Min(Math.Round(centre * scale), maxLevel) / scale - centre, 2);
            }).Sum();
        }),
    ];

    private static IEnumerable<int> Candidates(int startBin, int stride, int last)
    {
        for (var i = startBin; i <= last; i += stride)
            yield return i;
    }
}
