namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>The best partition of all columns, found for certain: what trying every canonical partition finds, by dynamic programming over the sets of columns
/// that are left.</summary>
internal sealed class WholeMatrixSearch
{
    /// <summary>Beyond this the sets of columns are too many.</summary>
    public const int MostColumns = 20;

    private readonly ColumnMagnitudes matrix;
    private readonly Dictionary<int, double> fours = [];      // by the set of columns
    private readonly Dictionary<int, (double Kept, int Four)> best = [];

    private WholeMatrixSearch(ColumnMagnitudes matrix) => this.matrix = matrix;

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
            var (_, four) = search.Best(left);
            order.AddRange(Enumerable.Range(0, matrix.Columns).Where(column => (four >> column & 1) == 1));
            left &= ~four;
        }

        return [.. order];
    }

    // The first column left needs three companions; the rest is a smaller problem of the same kind.
    private (double Kept, int Four) Best(int left)
    {
        if (left == 0)
            return (0, 0);
        if (best.TryGetValue(left, out var known))
            return known;

        var columns = Enumerable.Range(0, matrix.Columns).Where(column => (left >> column & 1) == 1).ToArray();
        var (most, chosen) = (double.NegativeInfinity, 0);
        for (var b = 1; b < columns.Length; b++)
        for (var c = b + 1; c < columns.Length; c++)
        for (var d = c + 1; d < columns.Length; d++)
        {
            var four = 1 << columns[0] | 1 << columns[b] | 1 << columns[c] | 1 << columns[d];
            if (!fours.TryGetValue(four, out var kept))
                fours[four] = kept = matrix.Kept(columns[0], columns[b], columns[c], columns[d]);
            kept += Best(left & ~four).Kept;
            if (kept > most)
                (most, chosen) = (kept, four);
        }

        return best[left] = (most, chosen);
    }
}
