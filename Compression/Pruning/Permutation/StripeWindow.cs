using System.Collections.Immutable;
using System.Numerics;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>A few stripes (four adjacent columns each) looked at together: the partitions of their columns, and the fours that each adds up from.</summary>
internal sealed class StripeWindow
{
    private readonly int[] fours;                             // per partition the index of each of its groups among all fours

    private readonly int fourCount;                           // 70 or 495

    private StripeWindow(int columns)
    {
        Columns = columns;
        Partitions = CanonicalPartitions.Of(columns);
        var index = Enumerable.Range(0, 1 << columns).Where(set => BitOperations.PopCount((uint)set) == 4)
            .OrderBy(set => set, Comparer<int>.Create(FirstDifferingColumn)).Select((set, place) => (set, place)).ToDictionary(four => four.set, four => four.place);
        fourCount = index.Count;
        fours = [.. Partitions.SelectMany(order => order.Chunk(4)).Select(group => index[group.Sum(column => 1 << column)])];
    }

    /// <summary>Two stripes: 35 partitions.</summary>
    public static StripeWindow Pair { get; } = new(8);

    /// <summary>Three stripes: 5,775 partitions.</summary>
    public static StripeWindow Triple { get; } = new(12);

    /// <summary>Columns of the window: 8 or 12.</summary>
    public int Columns { get; }

    /// <summary>Stripes of the window: 2 or 3.</summary>
    public int Stripes => Columns / 4;

    /// <summary>The partitions as column orders, the identity first.</summary>
    public ImmutableArray<ImmutableArray<int>> Partitions { get; }

    /// <summary>Magnitude that each partition keeps of a window's columns.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    public void Score<T>(ColumnMagnitudes matrix, ReadOnlySpan<int> columns, Span<double> kept)
        where T : unmanaged
    {
        if (Columns == 8)
        {
            PairScores.Of<T>(matrix, columns, kept);
            return;
        }

        Span<double> scores = stackalloc double[fourCount];
        QuadScores.Of<T>(matrix, columns, scores);
        for (var partition = 0; partition < kept.Length; partition++)
        {
            var own = fours.AsSpan(partition * Stripes, Stripes);
            kept[partition] = scores[own[0]] + scores[own[1]] + scores[own[2]];
        }
    }

    /// <summary>The first partition that keeps most and what it gains over the identity; the identity and 0 where none is better.</summary>
    public static (int Partition, double Gain) Best(ReadOnlySpan<double> kept)
    {
        var (best, gain) = (0, 0.0);
        for (var partition = 1; partition < kept.Length; partition++)
        {
            if (kept[partition] - kept[0] > gain)
                (best, gain) = (partition, kept[partition] - kept[0]);
        }

        return (best, gain);
    }

    // The set with the lower column, where they first differ, is the lexicographically smaller four.
    private static int FirstDifferingColumn(int left, int right)
    {
        var lowest = (left ^ right) & -(left ^ right);
        return lowest == 0 ? 0 : (left & lowest) != 0 ? -1 : 1;
    }
}
