using System.Numerics;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>The best partition of all columns, found for certain: what trying every canonical partition finds, by dynamic programming over the sets of columns
/// that are left.</summary>
internal sealed class WholeMatrixSearch
{
    /// <summary>Beyond this the sets of columns are too many.</summary>
    public const int MostColumns = 20;

    private readonly ColumnMagnitudes matrix;
    private readonly double[] fours;                          // by the set of columns; NaN where it was not needed yet
    private readonly double[] best;                           // by the set of columns that are left
    private readonly int[] chosen;                            // the first of their groups

    private WholeMatrixSearch(ColumnMagnitudes matrix)
    {
        this.matrix = matrix;
        (fours, best, chosen) = (new double[1 << matrix.Columns], new double[1 << matrix.Columns], new int[1 << matrix.Columns]);
        fours.AsSpan().Fill(double.NaN);
        best.AsSpan().Fill(double.NaN);
        best[0] = 0;
    }

    /// <summary>The best order; of orders that keep equally much the first in lexicographic order.</summary>
    /// <exception cref="ArgumentException">The matrix has more than 20 columns.</exception>
    public static int[] Find(ColumnMagnitudes matrix)
    {
        if (matrix.Columns > MostColumns)
        {
            throw new ArgumentException(
                $"The matrix has {matrix.Columns} columns, which have {CanonicalPartitions.Count(matrix.Columns)} partitions; the whole-matrix search takes at most "
                + $"{MostColumns} columns. Search stripe groups of 8 or 12 instead.", nameof(matrix));
        }

        var search = new WholeMatrixSearch(matrix);
        var order = new List<int>();
        for (var left = (1 << matrix.Columns) - 1; left != 0;)
        {
            search.Best(left);
            var four = search.chosen[left];
            order.AddRange(Enumerable.Range(0, matrix.Columns).Where(column => (four >> column & 1) == 1));
            left &= ~four;
        }

        return [.. order];
    }

    // The first column left needs three companions; the rest is a smaller problem of the same kind.
    private double Best(int left)
    {
        if (!double.IsNaN(best[left]))
            return best[left];

        Span<int> columns = stackalloc int[BitOperations.PopCount((uint)left)];
        for (var (rest, at) = (left, 0); rest != 0; rest &= rest - 1)
            columns[at++] = BitOperations.TrailingZeroCount(rest);
        var most = double.NegativeInfinity;
        for (var b = 1; b < columns.Length; b++)
        for (var c = b + 1; c < columns.Length; c++)
        for (var d = c + 1; d < columns.Length; d++)
        {
            var four = 1 << columns[0] | 1 << columns[b] | 1 << columns[c] | 1 << columns[d];
            ref var own = ref fours[four];
            if (double.IsNaN(own))
                own = matrix.Kept(columns[0], columns[b], columns[c], columns[d]);
            var kept = own + Best(left & ~four);
            if (kept > most)
                (most, chosen[left]) = (kept, four);
        }

        return best[left] = most;
    }
}
