namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>Steps of the exhaustive search by stripe groups: for each pair (or three) of stripes the best of all partitions of their columns.</summary>
internal sealed class PartitionSearch(ColumnMagnitudes matrix, StripeWindow window, int[] order, SearchRun run)
    : StripeSearch(matrix, window, movesPerGroup: 1, order, run)
{
    // Five times the smallest normal float16, as the reference has it: the step must gain more.
    private static readonly double LeastGain = Math.BitIncrement(5 * Math.Pow(2, -14));

    /// <inheritdoc/>
    protected override double Threshold(double largest) => LeastGain;

    /// <inheritdoc/>
    protected override void Score(ReadOnlySpan<double> kept, Span<double> gains) => gains[0] = StripeWindow.Best(kept).Gain;

    /// <inheritdoc/>
    protected override (IReadOnlyList<int> Places, double Gain) Step(int move, ReadOnlySpan<double> kept)
    {
        var (partition, gain) = StripeWindow.Best(kept);
        return (Window.Partitions[partition], gain);
    }
}
