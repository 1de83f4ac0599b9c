using System.Collections.Immutable;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>Steps of the greedy channel swap: the exchange of one column of a stripe with one of another.</summary>
internal sealed class SwapSearch(ColumnMagnitudes matrix, int[] order, SearchRun run)
    : StripeSearch(matrix, StripeWindow.Pair, movesPerGroup: 16, order, run)
{
    private const double Share = 1e-5;
    private const double LeastGain = 1e-4;
    private const double MostGain = 1;

    // Exchange (i, j) as the partition that it amounts to, and as the order of the eight places.
    private static readonly ImmutableArray<(int Partition, int[] Places)> Exchanges =
        [.. from i in Enumerable.Range(0, 4) from j in Enumerable.Range(4, 4) select (PartitionOf(Exchanged(i, j)), Exchanged(i, j))];

    /// <inheritdoc/>
    protected override double Threshold(double largest) => Math.Min(Math.Max(largest * Share, LeastGain), MostGain);

    /// <inheritdoc/>
    protected override void Score(ReadOnlySpan<double> kept, Span<double> gains)
    {
        for (var move = 0; move < MovesPerGroup; move++)
            gains[move] = kept[Exchanges[move].Partition] - kept[0];
    }

    /// <inheritdoc/>
    protected override (IReadOnlyList<int> Places, double Gain) Step(int move, ReadOnlySpan<double> kept) =>
        (Exchanges[move].Places, kept[Exchanges[move].Partition] - kept[0]);

    /// <inheritdoc/>
    protected override (int, int, int, int) KeyOf(int[] order, int stripe) =>
        (order[4 * stripe], order[4 * stripe + 1], order[4 * stripe + 2], order[4 * stripe + 3]);

    private static int[] Exchanged(int i, int j)
    {
        var places = Enumerable.Range(0, 8).ToArray();
        (places[i], places[j]) = (j, i);
        return places;
    }

    private static int PartitionOf(int[] places)
    {
        var first = places.Chunk(4).First(group => group.Contains(0)).Order().ToArray();
        return Enumerable.Range(0, StripeWindow.Pair.Partitions.Length).First(partition => StripeWindow.Pair.Partitions[partition].Take(4).SequenceEqual(first));
    }
}
