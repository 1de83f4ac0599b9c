using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>For every four of a few columns the sum over the rows of the two largest: all that any partition of these columns into fours adds up from.</summary>
/// <remarks>
/// The two largest of a, b, c, d add up to max(a + b, c + d, max(a, b) + max(c, d)), so sums and maxima of pairs serve all fours. Eight columns have 70 fours,
/// which make the 35 partitions; twelve have 495, which make 5,775.
/// </remarks>
internal static class QuadScores
{
    private const int MostColumns = 12;
    private const int MostPairs = MostColumns * (MostColumns - 1) / 2;
    private const int Flush = 64;                             // vectors that float32 adds up before float64 takes over

    /// <summary>The scores.</summary>
    /// <typeparam name="T">double: exact enough to compare with the reference; float: twice as fast.</typeparam>
    /// <param name="columns">8 or 12 columns.</param>
    /// <param name="scores">A score for each four of the columns' places, in lexicographic order.</param>
    [SkipLocalsInit]
    public static void Of<T>(ColumnMagnitudes matrix, ReadOnlySpan<int> columns, Span<double> scores)
        where T : unmanaged
    {
        var n = columns.Length;
        var pairs = n * (n - 1) / 2;
        Span<Vector512<T>> x = stackalloc Vector512<T>[MostColumns];
        Span<Vector512<T>> sum = stackalloc Vector512<T>[MostPairs];
        Span<Vector512<T>> larger = stackalloc Vector512<T>[MostPairs];
        Span<Vector512<T>> partial = stackalloc Vector512<T>[scores.Length];
        Span<Vector512<double>> whole = stackalloc Vector512<double>[scores.Length];
        partial.Clear();
        whole.Clear();

        var filled = 0;
        for (var row = 0; row < matrix.Stride; row += Vector512<T>.Count)
        {
            for (var i = 0; i < n; i++)
                x[i] = Load<T>(ref matrix.First, columns[i] * matrix.Stride + row);
            var pair = 0;
            for (var i = 0; i < n; i++)
            {
                for (var j = i + 1; j < n; j++, pair++)
                {
                    sum[pair] = x[i] + x[j];
                    larger[pair] = Vector512.MaxNative(x[i], x[j]);
                }
            }

            Add(n, pairs, ref sum[0], ref larger[0], ref partial[0]);
            if (++filled == Flush)
            {
                Widen(partial, whole);
                filled = 0;
            }
        }

        Widen(partial, whole);
        for (var quad = 0; quad < scores.Length; quad++)
            scores[quad] = ColumnMagnitudes.InOrder(whole[quad]);
    }

    // Pairs (k, l) with k > j are the last ones of the list, so the fours (i, j, k, l) come in lexicographic order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(int n, int pairs, ref Vector512<T> sum, ref Vector512<T> larger, ref Vector512<T> partial)
        where T : unmanaged
    {
        var (quad, pair) = (0, 0);
        for (var i = 0; i < n - 3; i++)
        {
            for (var j = i + 1; j < n - 2; j++)
            {
                var (ownSum, ownLarger) = (Unsafe.Add(ref sum, pair + j - i - 1), Unsafe.Add(ref larger, pair + j - i - 1));
                for (var other = (j + 1) * (2 * n - j - 2) / 2; other < pairs; other++, quad++)
                {
                    var within = Vector512.MaxNative(ownSum, Unsafe.Add(ref sum, other));
                    Unsafe.Add(ref partial, quad) += Vector512.MaxNative(within, ownLarger + Unsafe.Add(ref larger, other));
                }
            }

            pair += n - 1 - i;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<T> Load<T>(ref float first, int at)
        where T : unmanaged =>
        typeof(T) == typeof(float) ? Vector512.LoadUnsafe(ref first, (nuint)at).As<float, T>() : ColumnMagnitudes.Wide(ref first, at).As<double, T>();

    internal static void Widen<T>(Span<Vector512<T>> partial, Span<Vector512<double>> whole)
        where T : unmanaged
    {
        for (var quad = 0; quad < partial.Length; quad++)
        {
            if (typeof(T) == typeof(float))
            {
                var (lower, upper) = Vector512.Widen(partial[quad].As<T, float>());
                whole[quad] += lower + upper;
            }
            else
            {
                whole[quad] += partial[quad].As<T, double>();
            }
        }

        partial.Clear();
    }
}
