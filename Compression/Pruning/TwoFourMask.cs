using System.Numerics;
using System.Runtime.CompilerServices;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Pruning;

/// <summary>2:4 masks: of every four consecutive input channels the two whose magnitudes add up to most are kept.</summary>
/// <remarks>
/// The pattern m4n2_1d of NVIDIA's ASP (apex.contrib.sparsity), to the tie-break. The two kept magnitudes are added in float32, and the first
/// largest sum wins in the order {1,3}, {0,1}, {1,2}, {0,2}, {0,3}, {2,3}. So equal weights keep positions 1 and 3, and beside one huge weight
/// that swallows the others in rounding the order decides: this is not always "the two largest".
/// </remarks>
public static class TwoFourMask
{
    private const int Block = 64;                             // a multiple of every vector's length

    /// <summary>The mask of a weight: 1 keeps, 0 prunes; same shape, exactly half of the values kept.</summary>
    /// <param name="weight">Row-major weight [C], [K, C], [K, C, R] or [K, C, R, S]; C is the number of input channels per group.</param>
    /// <param name="shape">Its dimensions; C is a multiple of 4.</param>
    /// <exception cref="ArgumentException">The shape has another rank, does not fit the values, or its C is not a multiple of 4; or a weight is NaN or
    /// infinite.</exception>
    public static byte[] Of(ReadOnlySpan<float> weight, ReadOnlySpan<long> shape)
    {
        var layout = WeightLayout.Of(weight.Length, shape);
        layout.RequireGroupsOf(4);
        var plane = layout.Plane;
        var mask = new byte[weight.Length];

        // A block of groups is gathered with position p of all of them side by side, so that the kernel's size does not matter to the vectors.
        Span<float> magnitudes = stackalloc float[4 * Block];
        Span<int> first = stackalloc int[Block];              // where each group's position 0 lies
        Span<int> kept = stackalloc int[Block];
        for (int done = 0, start = 0, offset = 0; done < weight.Length / 4; done += Block)
        {
            var groups = Math.Min(Block, weight.Length / 4 - done);
            for (var group = 0; group < groups; group++)
            {
                var at = start + offset;
                first[group] = at;
                magnitudes[group] = MathF.Abs(weight[at]);
                magnitudes[Block + group] = MathF.Abs(weight[at + plane]);
                magnitudes[2 * Block + group] = MathF.Abs(weight[at + 2 * plane]);
                magnitudes[3 * Block + group] = MathF.Abs(weight[at + 3 * plane]);
                if (++offset == plane)
                    (start, offset) = (start + 4 * plane, 0);
            }

            if (!Choose(magnitudes, kept))
                RefuseNonFinite(weight, layout, first[..groups]);
            for (var group = 0; group < groups; group++)
            {
                var (at, bits) = (first[group], kept[group]);
                mask[at] = (byte)(bits & 1);
                mask[at + plane] = (byte)((bits >> 1) & 1);
                mask[at + 2 * plane] = (byte)((bits >> 2) & 1);
                mask[at + 3 * plane] = (byte)(bits >> 3);
            }
        }

        return mask;
    }

    /// <summary>The mask of a float32 weight as an unsigned 8-bit array of its shape.</summary>
    /// <exception cref="ArgumentException">As for the other overload.</exception>
    /// <exception cref="InvalidOperationException">The array is not float32.</exception>
    public static HostArray Of(HostArray weight) => HostArray.Of(Of(weight.Floats, weight.Shape.AsSpan()), weight.Shape.AsSpan());

    // The kept positions of a block of groups, bit p for position p; false where a sum of four is not finite.
    private static bool Choose(ReadOnlySpan<float> magnitudes, Span<int> kept)
    {
        var finite = true;
        for (var group = 0; group < Block; group += Vector<float>.Count)
        {
            var a = new Vector<float>(magnitudes[group..]);
            var b = new Vector<float>(magnitudes[(Block + group)..]);
            var c = new Vector<float>(magnitudes[(2 * Block + group)..]);
            var d = new Vector<float>(magnitudes[(3 * Block + group)..]);
            finite &= Vector.LessThanOrEqualAll(a + b + c + d, new Vector<float>(float.MaxValue));

            var (sum, best) = (b + d, new Vector<int>(0b1010));
            (sum, best) = Better(a + b, 0b0011, sum, best);
            (sum, best) = Better(b + c, 0b0110, sum, best);
            (sum, best) = Better(a + c, 0b0101, sum, best);
            (sum, best) = Better(a + d, 0b1001, sum, best);
            (_, best) = Better(c + d, 0b1100, sum, best);
            best.CopyTo(kept[group..]);
        }

        return finite;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float> Sum, Vector<int> Kept) Better(Vector<float> candidate, int positions, Vector<float> sum, Vector<int> kept)
    {
        var larger = Vector.GreaterThan(candidate, sum);
        return (Vector.ConditionalSelect(larger, candidate, sum), Vector.ConditionalSelect(larger, new Vector<int>(positions), kept));
    }

    // A sum of four finite weights can overflow; only a value that is itself not finite is refused.
    private static void RefuseNonFinite(ReadOnlySpan<float> weight, WeightLayout layout, ReadOnlySpan<int> first)
    {
        foreach (var at in first)
        {
            for (var index = at; index <= at + 3 * layout.Plane; index += layout.Plane)
                layout.RequireFinite(weight[index], index);
        }
    }
}
