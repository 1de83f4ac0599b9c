using System.Collections.Immutable;
using System.Numerics;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>The ways to part C columns into groups of four. Order within a group and of the groups changes nothing that 2:4 pruning keeps, so each way is listed
/// once: groups ascending, and sorted by their first column.</summary>
public static class CanonicalPartitions
{
    /// <summary>Number of ways: C! / (4!^G · G!) for G = C / 4 groups.</summary>
    /// <exception cref="ArgumentException">C is no multiple of 4 from 4 on.</exception>
    public static BigInteger Count(int columns)
    {
        Check(columns);
        var count = BigInteger.One;
        for (var left = columns; left > 4; left -= 4)
            count *= (left - 1) * (left - 2) * (left - 3) / 6; // the first of the columns left takes three others
        return count;
    }

    /// <summary>All ways as column orders, in lexicographic order, the identity first.</summary>
    /// <param name="columns">4, 8 or 12: 1, 35 and 5,775 ways.</param>
    /// <exception cref="ArgumentException">C is another number.</exception>
    public static ImmutableArray<ImmutableArray<int>> Of(int columns)
    {
        Check(columns);
        if (columns > 12)
        {
            throw new ArgumentException(
                $"C is {columns}, which has {Count(columns)} partitions; they are listed for 4, 8 and 12 columns. Search stripe groups instead.", nameof(columns));
        }

        var all = ImmutableArray.CreateBuilder<ImmutableArray<int>>((int)Count(columns));
        Extend([], [.. Enumerable.Range(0, columns)], all);
        return all.MoveToImmutable();
    }

    private static void Extend(ImmutableArray<int> chosen, ImmutableArray<int> left, ImmutableArray<ImmutableArray<int>>.Builder all)
    {
        if (left.IsEmpty)
        {
            all.Add(chosen);
            return;
        }

        for (var b = 1; b < left.Length; b++)
        for (var c = b + 1; c < left.Length; c++)
        for (var d = c + 1; d < left.Length; d++)
        {
            int[] group = [left[0], left[b], left[c], left[d]];
            Extend([.. chosen, .. group], [.. left.Where(column => !group.Contains(column))], all);
        }
    }

    private static void Check(int columns)
    {
        if (columns < 4 || columns % 4 != 0)
            throw new ArgumentException($"C is {columns}: groups of four need a multiple of 4, from 4 on.", nameof(columns));
    }
}
