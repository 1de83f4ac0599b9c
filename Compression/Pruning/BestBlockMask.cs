using System.Numerics;

namespace SparseGrid.Compression.Pruning;

/// <summary>Masks with exactly two of four in each row and each column of every 4x4 block: of the 90 such blocks the one that keeps most magnitude.</summary>
/// <remarks>
/// The pattern m4n2_2d_best of NVIDIA's ASP (apex.contrib.sparsity) as its definition says; as published it cannot run. The weight and its transpose are both 2:4 where K is
/// a multiple of 4. Magnitudes are added in float32, two of a row, two rows, two halves. The order that decides ties is ours: a block is an upper and a lower half whose
/// columns hold together two each; halves are pairs of rows in the order of <see cref="TwoFourMask"/>, {1,3}, {0,1}, {1,2}, {0,2}, {0,3}, {2,3}, the lower row of a half
/// fastest; the upper halves fall into 19 groups by what their columns hold, in the order of their first member, the first largest of each group and of its counterpart make
/// a candidate, and the first largest candidate wins. An all-equal block keeps {1,3} in its first two rows and {0,2} in the others.
/// </remarks>
public static class BestBlockMask
{
    private static readonly int[] Pairs = [0b1010, 0b0011, 0b0110, 0b0101, 0b1001, 0b1100];

    // The 36 halves by what their columns hold, and for each group the one that fills those columns up to two.
    private static readonly (int Upper, int Lower)[][] Halves =
    [
        .. from upper in Enumerable.Range(0, 6)
           from lower in Enumerable.Range(0, 6)
           group (upper, lower) by Held(upper, lower) into alike
           select alike.ToArray(),
    ];

    private static readonly int[] Counterparts = [.. Halves.Select(half => Array.FindIndex(Halves, other => Fills(half[0], other[0])))];

    /// <summary>The mask of a weight: 1 keeps, 0 prunes; same shape, exactly half of the values kept.</summary>
    /// <param name="weight">Row-major weight [K, C], [K, C, R] or [K, C, R, S]; C is the number of input channels per group.</param>
    /// <param name="shape">Its dimensions; C and K·R·S are multiples of 4.</param>
    /// <exception cref="ArgumentException">The shape has another rank, does not fit the values, or does not divide into blocks; or a weight is NaN or infinite.</exception>
    public static byte[] Of(ReadOnlySpan<float> weight, ReadOnlySpan<long> shape)
    {
        var layout = WeightLayout.Of(weight.Length, shape);
        layout.RequireGroupsOf(4);
        if (layout.Rows % 4 != 0)
        {
            throw new ArgumentException(
                $"K·R·S is {layout.Rows} in the weight {layout.Shape}: whole 4x4 blocks need a multiple of 4. Take m4n2_2d_greedy, which leaves the rest dense, or m4n2_1d.");
        }

        return SquareBlocks.Mask(weight, layout, Choose);
    }

    private static void Choose(ReadOnlySpan<float> magnitudes, Span<int> kept)
    {
        Span<Vector<float>> sums = stackalloc Vector<float>[4 * 6];   // of each pair of each row
        for (var lane = 0; lane < SquareBlocks.Lanes; lane += Vector<float>.Count)
        {
            for (var row = 0; row < 4; row++)
            {
                var a = new Vector<float>(magnitudes[(4 * row * SquareBlocks.Lanes + lane)..]);
                var b = new Vector<float>(magnitudes[((4 * row + 1) * SquareBlocks.Lanes + lane)..]);
                var c = new Vector<float>(magnitudes[((4 * row + 2) * SquareBlocks.Lanes + lane)..]);
                var d = new Vector<float>(magnitudes[((4 * row + 3) * SquareBlocks.Lanes + lane)..]);
                (sums[6 * row], sums[6 * row + 1], sums[6 * row + 2]) = (b + d, a + b, b + c);
                (sums[6 * row + 3], sums[6 * row + 4], sums[6 * row + 5]) = (a + c, a + d, c + d);
            }

            var (best, bits) = (new Vector<float>(-1), Vector<int>.Zero);
            for (var group = 0; group < Halves.Length; group++)
            {
                var (upper, above) = BestOf(Halves[group], sums[..12]);
                var (lower, below) = BestOf(Halves[Counterparts[group]], sums[12..]);
                var larger = Vector.GreaterThan(upper + lower, best);
                best = Vector.ConditionalSelect(larger, upper + lower, best);
                bits = Vector.ConditionalSelect(larger, above | (below << 8), bits);
            }

            bits.CopyTo(kept[lane..]);
        }
    }

    private static (Vector<float> Sum, Vector<int> Bits) BestOf((int Upper, int Lower)[] halves, ReadOnlySpan<Vector<float>> sums)
    {
        var (best, bits) = (new Vector<float>(-1), Vector<int>.Zero);
        foreach (var (upper, lower) in halves)
        {
            var sum = sums[upper] + sums[6 + lower];
            var larger = Vector.GreaterThan(sum, best);
            best = Vector.ConditionalSelect(larger, sum, best);
            bits = Vector.ConditionalSelect(larger, new Vector<int>(Pairs[upper] | (Pairs[lower] << 4)), bits);
        }

        return (best, bits);
    }

    // What each column holds: 0, 1 or 2, in two bits.
    private static int Held(int upper, int lower) => Enumerable.Range(0, 4).Sum(column => (((Pairs[upper] >> column) & 1) + ((Pairs[lower] >> column) & 1)) << (2 * column));

    private static bool Fills((int Upper, int Lower) half, (int Upper, int Lower) other) => Held(half.Upper, half.Lower) + Held(other.Upper, other.Lower) == 0b10101010;
}
