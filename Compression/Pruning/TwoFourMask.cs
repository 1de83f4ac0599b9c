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
    /// <summary>The mask of a weight: 1 keeps, 0 prunes; same shape, exactly half of the values kept.</summary>
    /// <param name="weight">Row-major weight [K, C], [K, C, R] or [K, C, R, S]; C is the number of input channels per group.</param>
    /// <param name="shape">Its dimensions; C is a multiple of 4.</param>
    /// <exception cref="ArgumentException">The shape has another rank, does not fit the values, or its C is not a multiple of 4; or a weight is NaN or infinite.</exception>
    public static byte[] Of(ReadOnlySpan<float> weight, ReadOnlySpan<long> shape)
    {
        var (channels, plane) = Layout(weight.Length, shape);
        var mask = new byte[weight.Length];
        var quadruple = 4 * plane;                            // from one group of four channels to the next
        for (var start = 0; start < weight.Length; start += quadruple)
        {
            for (var at = start; at < start + plane; at++)
            {
                var a = MathF.Abs(weight[at]);
                var b = MathF.Abs(weight[at + plane]);
                var c = MathF.Abs(weight[at + 2 * plane]);
                var d = MathF.Abs(weight[at + 3 * plane]);
                if (!(a + b + c + d <= float.MaxValue))
                    RefuseNonFinite(weight, shape, at, plane, channels);

                var kept = Best(a, b, c, d);
                mask[at] = (byte)(kept & 1);
                mask[at + plane] = (byte)((kept >> 1) & 1);
                mask[at + 2 * plane] = (byte)((kept >> 2) & 1);
                mask[at + 3 * plane] = (byte)(kept >> 3);
            }
        }

        return mask;
    }

    /// <summary>The mask of a float32 weight as an unsigned 8-bit array of its shape.</summary>
    /// <exception cref="ArgumentException">As for the other overload.</exception>
    /// <exception cref="InvalidOperationException">The array is not float32.</exception>
    public static HostArray Of(HostArray weight) => HostArray.Of(Of(weight.Floats, weight.Shape.AsSpan()), weight.Shape.AsSpan());

    // Bit p is position p. Selections instead of branches: on trained weights every comparison is a coin toss.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Best(float a, float b, float c, float d)
    {
        var (sum, kept) = (b + d, 0b1010);
        (sum, kept) = a + b > sum ? (a + b, 0b0011) : (sum, kept);
        (sum, kept) = b + c > sum ? (b + c, 0b0110) : (sum, kept);
        (sum, kept) = a + c > sum ? (a + c, 0b0101) : (sum, kept);
        (sum, kept) = a + d > sum ? (a + d, 0b1001) : (sum, kept);
        return c + d > sum ? 0b1100 : kept;
    }

    private static (int Channels, int Plane) Layout(int values, ReadOnlySpan<long> shape)
    {
        var text = $"[{string.Join(", ", shape.ToArray())}]";
        if (shape.Length is < 2 or > 4)
            throw new ArgumentException($"The weight has shape {text}: 2:4 masks are defined for [K, C], [K, C, R] and [K, C, R, S].", nameof(shape));

        long count = 1, plane = 1;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            count *= shape[axis];
            plane *= axis < 2 ? 1 : shape[axis];
        }

        if (count != values)
            throw new ArgumentException($"The shape {text} holds {count} values, but {values} were given.", nameof(shape));
        if (shape[1] % 4 != 0)
            throw new ArgumentException($"C is {shape[1]} in the weight {text}: groups of four need a multiple of 4. Leave this layer dense.", nameof(shape));
        return ((int)shape[1], (int)plane);
    }

    // A sum of four finite weights can overflow; only a value that is itself not finite is refused.
    private static void RefuseNonFinite(ReadOnlySpan<float> weight, ReadOnlySpan<long> shape, int at, int plane, int channels)
    {
        for (var position = 0; position < 4; position++)
        {
            var index = at + position * plane;
            if (float.IsFinite(weight[index]))
                continue;
            var k = index / (channels * plane);
            var c = index / plane % channels;
            throw new ArgumentException(
                $"The weight [{string.Join(", ", shape.ToArray())}] is {weight[index]} at output channel {k}, input channel {c}, position {index % plane}: "
                + "only finite weights can be pruned. Training has diverged; prune an earlier checkpoint.", nameof(weight));
        }
    }
}
