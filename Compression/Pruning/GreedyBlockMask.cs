namespace SparseGrid.Compression.Pruning;

/// <summary>Masks with at most two of four in each row and each column of every 4x4 block, chosen greedily.</summary>
/// <remarks>
/// The pattern m4n2_2d_greedy of NVIDIA's ASP (apex.contrib.sparsity): the elements of a block are visited from the largest magnitude down, of equal ones the later (row by
/// row) first, and each stays where its row and its column hold fewer than two. So a block may end with fewer than eight. Rows and channels after the last full block
/// are not pruned. Rows are output by output for [K, C, R], position by position for [K, C, R, S]: where K is not a multiple of 4 a block reaches over two positions.
/// </remarks>
public static class GreedyBlockMask
{
    /// <summary>The mask of a weight: 1 keeps, 0 prunes; same shape.</summary>
    /// <param name="weight">Row-major weight [C], [K, C], [K, C, R] or [K, C, R, S]; any sizes.</param>
    /// <exception cref="ArgumentException">The shape has another rank or does not fit the values; or a weight is NaN or infinite.</exception>
    public static byte[] Of(ReadOnlySpan<float> weight, ReadOnlySpan<long> shape) =>
        SquareBlocks.Mask(weight, WeightLayout.Of(weight.Length, shape), Choose);

    private static void Choose(ReadOnlySpan<float> magnitudes, Span<int> kept)
    {
        const int lanes = SquareBlocks.Lanes;
        // Ranks prefer the earlier of equals, this pattern the later: so the block is ranked backwards.
        Span<float> backwards = stackalloc float[16 * lanes];
        for (var element = 0; element < 16; element++)
            magnitudes.Slice(element * lanes, lanes).CopyTo(backwards[((15 - element) * lanes)..]);
        Span<int> ranks = stackalloc int[16 * lanes];
        MagnitudeRanks.Of(backwards, 16, ranks);

        Span<int> order = stackalloc int[16];
        for (var lane = 0; lane < lanes; lane++)
        {
            for (var slot = 0; slot < 16; slot++)
                order[ranks[slot * lanes + lane]] = 15 - slot;

            var (rows, columns, bits) = (0, 0, 0);            // four counters of four bits each, twice; and the elements that stay
            foreach (var element in order)
            {
                var (row, column) = (element / 4 * 4, element % 4 * 4);
                if (((rows >> row) & 2) != 0 || ((columns >> column) & 2) != 0)
                    continue;
                rows += 1 << row;
                columns += 1 << column;
                bits |= 1 << element;
            }

            kept[lane] = bits;
        }
    }
}
