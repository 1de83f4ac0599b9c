using System.Numerics;

namespace SparseGrid.Compression.Pruning;

/// <summary>Checks that a weight really is 2:4: every four consecutive input channels hold at least two zeros.</summary>
public static class GroupsOfFour
{
    /// <summary>Counts the zeros of a float32 weight [K, C], [K, C, R] or [K, C, R, S] and checks each of its groups along axis 1.</summary>
    /// <returns>Number of weights, number of exact zeros (−0 too), and true where every group is valid; a C that is not a multiple of 4 never is.</returns>
    /// <exception cref="ArgumentException">The shape has fewer than 2 axes or does not fit the values.</exception>
    public static (long Weights, long Zeros, bool Valid) Check(ReadOnlySpan<float> weight, ReadOnlySpan<long> shape) => Count(weight, shape);

    /// <summary>The same for the integers that an exported file stores.</summary>
    /// <inheritdoc cref="Check(ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public static (long Weights, long Zeros, bool Valid) Check(ReadOnlySpan<sbyte> weight, ReadOnlySpan<long> shape) => Count(weight, shape);

    private static (long Weights, long Zeros, bool Valid) Count<T>(ReadOnlySpan<T> weight, ReadOnlySpan<long> shape)
        where T : INumberBase<T>
    {
        long count = 1;
        foreach (var size in shape)
            count *= size;
        if (shape.Length < 2 || count != weight.Length)
            throw new ArgumentException($"The shape [{string.Join(", ", shape.ToArray())}] does not describe {weight.Length} weights with output and input channels.", nameof(shape));

        var channels = (int)shape[1];
        var plane = count == 0 ? 0 : (int)(count / (shape[0] * channels));
        var zeros = 0L;
        foreach (var value in weight)
            zeros += T.IsZero(value) ? 1 : 0;

        return (count, zeros, channels % 4 == 0 && EveryGroupHoldsTwo(weight, plane));
    }

    private static bool EveryGroupHoldsTwo<T>(ReadOnlySpan<T> weight, int plane)
        where T : INumberBase<T>
    {
        for (var start = 0; start < weight.Length; start += 4 * plane)
        {
            for (var at = start; at < start + plane; at++)
            {
                var zeros = 0;
                for (var position = 0; position < 4; position++)
                    zeros += T.IsZero(weight[at + position * plane]) ? 1 : 0;
                if (zeros < 2)
                    return false;
            }
        }

        return true;
    }
}
