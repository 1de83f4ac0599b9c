using SparseGrid.Compression.Randomness;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>Searches the order of a matrix's columns under which 2:4 pruning keeps most of its magnitude.</summary>
/// <remarks>
/// Pool and Yu, "Channel Permutations for N:M Sparsity", NeurIPS 2021; strategies and thresholds of apex.contrib.sparsity. A search never ends below what it
/// started from, and is a function of matrix, options and seed: neither threads nor processor change it.
/// </remarks>
public static class PermutationSearch
{
    private const int MostForStripes = 2048;
    private const int MostForTriples = 512;

    /// <summary>The best permutation found.</summary>
    /// <param name="matrix">[rows, C]; C is a multiple of 4.</param>
    /// <param name="random">Where escapes and tries are drawn from.</param>
    /// <exception cref="ArgumentException">C is no multiple of 4, or too large for the whole-matrix search; or an option is out of range.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static FoundPermutation Find(ColumnMagnitudes matrix, PermutationOptions options, CounterRandom random, CancellationToken stop = default)
    {
        if (matrix.Columns < 4 || matrix.Columns % 4 != 0)
            throw new ArgumentException($"C is {matrix.Columns}: groups of four need a multiple of 4, from 4 on.", nameof(matrix));
        if (options.Escapes < 0 || options.Tries < 0 || options.Threads < 1)
        {
            throw new ArgumentException(
                $"escapes {options.Escapes}, tries {options.Tries}, threads {options.Threads}: escapes and tries are at least 0, threads at least 1.", nameof(options));
        }

        var start = Enumerable.Range(0, matrix.Columns).ToArray();
        var before = matrix.Kept(start);
        var found = new ChannelPermutation([.. Search(matrix, start, options, new(random, options.Threads, stop))]);
        return new(found, before, matrix.Kept(found.Source.AsSpan()));
    }

    private static int[] Search(ColumnMagnitudes matrix, int[] order, PermutationOptions options, SearchRun run) => options.Strategy switch
    {
        PermutationStrategy.WholeMatrix => WholeMatrixSearch.Find(matrix),
        PermutationStrategy.StripePairs or PermutationStrategy.StripeTriples or PermutationStrategy.ChannelSwap when order.Length > MostForStripes =>
            Progressive(matrix, order, options.Tries, run),
        // Where escapes are asked for, few columns are searched whole: no escape finds more.
        PermutationStrategy.StripePairs or PermutationStrategy.StripeTriples or PermutationStrategy.ChannelSwap
            when options.Escapes > 0 && order.Length <= WholeMatrixSearch.MostColumns => WholeMatrixSearch.Find(matrix),
        PermutationStrategy.StripePairs => Stripes(matrix, order, StripeWindow.Pair, options.Escapes, run),
        PermutationStrategy.StripeTriples => Triples(matrix, order, options.Escapes, run),
        PermutationStrategy.ChannelSwap => new SwapSearch(matrix, order, run).Find(options.Escapes),
        PermutationStrategy.ProgressiveSwap => Progressive(matrix, order, options.Tries, run),
        _ => throw new ArgumentException($"Strategy {options.Strategy} is unknown.", nameof(options)),
    };

    private static int[] Stripes(ColumnMagnitudes matrix, int[] order, StripeWindow window, int escapes, SearchRun run) =>
        matrix.Columns <= window.Columns ? WholeMatrixSearch.Find(matrix) : new PartitionSearch(matrix, window, order, run).Find(escapes);

    // The threes of many stripes are too many: each half is searched alone, then pairs mend the seam, with ten times the escapes.
    private static int[] Triples(ColumnMagnitudes matrix, int[] order, int escapes, SearchRun run)
    {
        var parted = Halves(order).ToArray();
        if (parted.Length == 1)
            return Stripes(matrix, order, StripeWindow.Triple, escapes, run);

        var joined = parted.SelectMany(part => new PartitionSearch(matrix, StripeWindow.Triple, part, run).Find(escapes)).ToArray();
        return new PartitionSearch(matrix, StripeWindow.Pair, joined, run).Find(Math.Max(escapes, 100) * 10);
    }

    private static IEnumerable<int[]> Halves(int[] order)
    {
        if (order.Length <= MostForTriples)
            return [order];
        var middle = order.Length / 8 * 4;
        return Halves(order[..middle]).Concat(Halves(order[middle..]));
    }

    private static int[] Progressive(ColumnMagnitudes matrix, int[] order, int tries, SearchRun run)
    {
        var last = order.Length - 1;
        var draws = Enumerable.Range(0, tries).Select(index => (run.Random.Integer(0, last, index, 0), run.Random.Integer(0, last, index, 1)));
        ProgressiveSwapSearch.Run(matrix, order, draws, run.Stop);
        return order;
    }
}
