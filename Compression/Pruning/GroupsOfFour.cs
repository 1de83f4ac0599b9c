using System.Numerics;

namespace SparseGrid.Compression.Pruning;

/// <summary>Checks that a weight really is 2:4: every four consecutive input channels hold at least two zeros.</summary>
public static class GroupsOfFour
{
    /// <summary>Counts the zeros of a weight and checks each of its groups along the input channels.</summary>
    /// <param name="weight">Floats, or the integers that an exported file stores; row-major.</param>
    /// <param name="shape">[K, C], [K, C, R] or [K, C, R, S].</param>
    /// <param name="axis">The axis of the input channels: 1, but 0 where a file stores a matrix as [C, K].</param>
    /// <returns>Number of weights, number of exact zeros (−0 too), and true where every group is valid; a C that is not a multiple of 4 never is.</returns>
    /// <exception cref="ArgumentException">The shape has fewer than 2 axes, lacks that axis or does not fit the values.</exception>
    public static (long Weights, long Zeros, bool Valid) Check<T>(ReadOnlySpan<T> weight, ReadOnlySpan<long> shape, int axis = 1)
        where T : INumberBase<T>
    {
        long count = 1;
        foreach (var size in shape)
            count *= size;
        if (shape.Length < 2 || count != weight.Length || axis < 0 || axis >= shape.Length)
        {
            throw new ArgumentException(
                $"The shape [{string.Join(", ", shape.ToArray())}] does not describe {weight.Length} weights with input channels along axis {axis}.", nameof(shape));
        }

        var step = 1;                                         // from one input channel to the next
        foreach (var size in shape[(axis + 1)..])
            step *= (int)size;

        var zeros = 0L;
        foreach (var value in weight)
            zeros += T.IsZero(value) ? 1 : 0;
        return (count, zeros, shape[axis] % 4 == 0 && EveryGroupHoldsTwo(weight, step));
    }

    // Channels come in multiples of four, so groups follow one another without a gap.
    private static bool EveryGroupHoldsTwo<T>(ReadOnlySpan<T> weight, int step)
        where T : INumberBase<T>
    {
        for (var start = 0; start < weight.Length; start += 4 * step)
        {
            for (var at = start; at < start + step; at++)
            {
                var zeros = 0;
                for (var position = 0; position < 4; position++)
                    zeros += T.IsZero(weight[at + position * step]) ? 1 : 0;
                if (zeros < 2)
                    return false;
            }
        }

        return true;
    }
}
