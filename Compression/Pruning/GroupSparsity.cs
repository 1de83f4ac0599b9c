using System.Numerics;

namespace SparseGrid.Compression.Pruning;

/// <summary>Reads from a weight which N:M it holds along its input channels.</summary>
public static class GroupSparsity
{
    /// <summary>The N and M of least share among groups of 2 to 32 in which every group holds a zero, the smallest M of equals; null where there is none.</summary>
    /// <param name="weight">Row-major.</param>
    /// <param name="shape">[K, C], [K, C, R] or [K, C, R, S].</param>
    /// <exception cref="ArgumentException">The shape does not fit the values.</exception>
    public static (int Kept, int Size)? Of<T>(ReadOnlySpan<T> weight, ReadOnlySpan<long> shape)
        where T : INumberBase<T>
    {
        var layout = WeightLayout.Of(weight.Length, shape);
        (int Kept, int Size)? least = null;
        for (var size = 2; size <= GroupMask.LargestGroup && !weight.IsEmpty; size++)
        {
            if (layout.Channels % size == 0 && MostOf(weight, layout.Plane, size) is var kept && kept < size
                && (least is not { } found || kept * found.Size < found.Kept * size))
            {
                least = (kept, size);
            }
        }

        return least;
    }

    // The most values other than zero in any group. Channels come in multiples of the group, so groups follow one another without a gap.
    private static int MostOf<T>(ReadOnlySpan<T> weight, int plane, int size)
        where T : INumberBase<T>
    {
        var most = 0;
        for (var start = 0; start < weight.Length && most < size; start += size * plane)
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
