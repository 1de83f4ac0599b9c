using System.Numerics;

namespace SparseGrid.Compression.Pruning;

/// <summary>Checks that a weight really is N:M: every M consecutive input channels hold at most N values other than zero.</summary>
public static class GroupSparsity
{
    /// <summary>True where every group holds at most N; a C that is not a multiple of M never does.</summary>
    /// <param name="weight">Row-major.</param>
    /// <param name="shape">[K, C], [K, C, R] or [K, C, R, S].</param>
    /// <param name="kept">N.</param>
    /// <param name="size">M.</param>
    /// <exception cref="ArgumentException">The shape does not fit the values.</exception>
    public static bool Holds<T>(ReadOnlySpan<T> weight, ReadOnlySpan<long> shape, int kept, int size)
        where T : INumberBase<T>
    {
        var layout = WeightLayout.Of(weight.Length, shape);
        return layout.Channels % size == 0 && MostOf(weight, layout.Plane, size) <= kept;
    }

    // The most values other than zero in any group. Channels come in multiples of the group, so groups follow one another without a gap.
    private static int MostOf<T>(ReadOnlySpan<T> weight, int plane, int size)
        where T : INumberBase<T>
    {
        var most = 0;
        for (var start = 0; start < weight.Length; start += size * plane)
        {
            for (var at = start; at < start + plane; at++)
            {
                var held = 0;
                for (var slot = 0; slot < size; slot++)
                    held += T.IsZero(weight[at + slot * plane]) ? 0 : 1;
                most = Math.Max(most, held);
            }
        }

        return most;
    }
}
