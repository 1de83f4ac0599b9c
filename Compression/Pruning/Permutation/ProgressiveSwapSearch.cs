namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>Random exchanges of two columns of different stripes, each kept where it gains anything; bounded by the number of tries, so that it can be repeated
/// (the reference stops by the clock).</summary>
internal static class ProgressiveSwapSearch
{
    /// <summary>An exchange must gain more, as the reference has it.</summary>
    public const double LeastGain = 1e-9;

    /// <summary>Goes through the draws in order.</summary>
    /// <param name="order">The column at each place; changed in place.</param>
    /// <param name="draws">Two places a try; a try within one stripe changes nothing.</param>
    public static void Run(ColumnMagnitudes matrix, int[] order, IEnumerable<(int Source, int Target)> draws, CancellationToken stop, double leastGain = LeastGain)
    {
        double[] kept = [.. Enumerable.Range(0, order.Length / 4).Select(stripe => matrix.Kept(order.AsSpan(4 * stripe, 4)))];
        foreach (var (source, target) in draws)
        {
            stop.ThrowIfCancellationRequested();
            var (from, to) = (source / 4, target / 4);
            if (from == to)
                continue;

            (order[source], order[target]) = (order[target], order[source]);
            var (first, second) = (matrix.Kept(order.AsSpan(4 * from, 4)), matrix.Kept(order.AsSpan(4 * to, 4)));
            if (first + second - (kept[from] + kept[to]) > leastGain)
                (kept[from], kept[to]) = (first, second);
            else
                (order[source], order[target]) = (order[target], order[source]);
        }
    }
}
