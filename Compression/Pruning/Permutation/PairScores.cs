using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>What each of the 35 partitions of two stripes' columns keeps: the innermost loop of every search, so it is written out.</summary>
/// <remarks>
/// A partition leaves both stripes as they are (1), exchanges one column of each (16) or two of each (18). Two columns with sum p and maximum m beside two others
/// keep max(p, p', m + m'); three whose two largest add up to p and whose largest is m keep max(p, m + x) beside a fourth column x.
/// </remarks>
internal static class PairScores
{
    private const int Count = 35;
    private const int Flush = 64;                             // vectors that float32 adds up before float64 takes over

    // The place among the canonical partitions of each in the order of the sums below: as it is; exchanges (i, j); columns 0 and 1, 2 or 3 with two of the other stripe.
    private static readonly ImmutableArray<int> Canonical = [.. FirstGroups().Select(group =>
        CanonicalPartitions.Of(8).Select((order, place) => (order, place)).First(partition => partition.order.Take(4).ToHashSet().SetEquals(group)).place)];

    /// <summary>The sums.</summary>
    /// <typeparam name="T">double: exact enough to compare with the reference; float: twice as fast.</typeparam>
    /// <param name="columns">The four columns of either stripe.</param>
    /// <param name="kept">What each canonical partition keeps: 35 values.</param>
    [SkipLocalsInit]
    public static void Of<T>(ColumnMagnitudes matrix, ReadOnlySpan<int> columns, Span<double> kept)
        where T : unmanaged
    {
        Span<Vector512<T>> partial = stackalloc Vector512<T>[Count];
        Span<Vector512<double>> whole = stackalloc Vector512<double>[Count];
        partial.Clear();
        whole.Clear();

        var filled = 0;
        for (var row = 0; row < matrix.Stride; row += Vector512<T>.Count)
        {
            var left = new Stripe<T>(matrix, columns, row);
            var right = new Stripe<T>(matrix, columns[4..], row);
            partial[0] += Top(left.P01, left.P23, left.M01, left.M23) + Top(right.P01, right.P23, right.M01, right.M23);
            Exchange(ref partial[1], left.A, left.TopWithout0, left.MaxWithout0, right);
            Exchange(ref partial[5], left.B, left.TopWithout1, left.MaxWithout1, right);
            Exchange(ref partial[9], left.C, left.TopWithout2, left.MaxWithout2, right);
            Exchange(ref partial[13], left.D, left.TopWithout3, left.MaxWithout3, right);
            ExchangeTwo(ref partial[17], left.P01, left.M01, left.P23, left.M23, right);
            ExchangeTwo(ref partial[23], left.P02, left.M02, left.P13, left.M13, right);
            ExchangeTwo(ref partial[29], left.P03, left.M03, left.P12, left.M12, right);
            if (++filled == Flush)
            {
                QuadScores.Widen(partial, whole);
                filled = 0;
            }
        }

        QuadScores.Widen(partial, whole);
        for (var sum = 0; sum < Count; sum++)
            kept[Canonical[sum]] = ColumnMagnitudes.InOrder(whole[sum]);
    }

    // One column of the left stripe takes the place of each of the right stripe's.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Exchange<T>(ref Vector512<T> sums, Vector512<T> column, Vector512<T> top, Vector512<T> largest, in Stripe<T> right)
        where T : unmanaged
    {
        sums += Vector512.MaxNative(top, largest + right.A) + Vector512.MaxNative(right.TopWithout0, right.MaxWithout0 + column);
        Unsafe.Add(ref sums, 1) += Vector512.MaxNative(top, largest + right.B) + Vector512.MaxNative(right.TopWithout1, right.MaxWithout1 + column);
        Unsafe.Add(ref sums, 2) += Vector512.MaxNative(top, largest + right.C) + Vector512.MaxNative(right.TopWithout2, right.MaxWithout2 + column);
        Unsafe.Add(ref sums, 3) += Vector512.MaxNative(top, largest + right.D) + Vector512.MaxNative(right.TopWithout3, right.MaxWithout3 + column);
    }

    // Two columns of the left stripe join each two of the right one, and the others the others.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ExchangeTwo<T>(ref Vector512<T> sums, Vector512<T> p, Vector512<T> m, Vector512<T> otherP, Vector512<T> otherM, in Stripe<T> right)
        where T : unmanaged
    {
        sums += Top(p, right.P01, m, right.M01) + Top(otherP, right.P23, otherM, right.M23);
        Unsafe.Add(ref sums, 1) += Top(p, right.P02, m, right.M02) + Top(otherP, right.P13, otherM, right.M13);
        Unsafe.Add(ref sums, 2) += Top(p, right.P03, m, right.M03) + Top(otherP, right.P12, otherM, right.M12);
        Unsafe.Add(ref sums, 3) += Top(p, right.P12, m, right.M12) + Top(otherP, right.P03, otherM, right.M03);
        Unsafe.Add(ref sums, 4) += Top(p, right.P13, m, right.M13) + Top(otherP, right.P02, otherM, right.M02);
        Unsafe.Add(ref sums, 5) += Top(p, right.P23, m, right.M23) + Top(otherP, right.P01, otherM, right.M01);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Top<T>(Vector512<T> p, Vector512<T> otherP, Vector512<T> m, Vector512<T> otherM)
        where T : unmanaged =>
        Vector512.MaxNative(Vector512.MaxNative(p, otherP), m + otherM);

    private static IEnumerable<int[]> FirstGroups()
    {
        yield return [0, 1, 2, 3];
        for (var i = 0; i < 4; i++)
        {
            for (var j = 4; j < 8; j++)
            {
                int[] group = [.. Enumerable.Range(0, 4).Select(column => column == i ? j : column)];
                yield return i > 0 ? group : [.. Enumerable.Range(0, 8).Except(group)];
            }
        }

        for (var partner = 1; partner < 4; partner++)
        for (var i = 4; i < 8; i++)
        for (var j = i + 1; j < 8; j++)
            yield return [0, partner, i, j];
    }

    /// <summary>Some rows of a stripe's four columns, with sums P and maxima M of every two, and of every three the two largest added up and the largest.</summary>
    private readonly ref struct Stripe<T>
        where T : unmanaged
    {
        public readonly Vector512<T> A, B, C, D, P01, P02, P03, P12, P13, P23, M01, M02, M03, M12, M13, M23;
        public readonly Vector512<T> TopWithout0, TopWithout1, TopWithout2, TopWithout3, MaxWithout0, MaxWithout1, MaxWithout2, MaxWithout3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Stripe(ColumnMagnitudes matrix, ReadOnlySpan<int> columns, int row)
        {
            A = QuadScores.Load<T>(ref matrix.First, columns[0] * matrix.Stride + row);
            B = QuadScores.Load<T>(ref matrix.First, columns[1] * matrix.Stride + row);
            C = QuadScores.Load<T>(ref matrix.First, columns[2] * matrix.Stride + row);
            D = QuadScores.Load<T>(ref matrix.First, columns[3] * matrix.Stride + row);
            (P01, P02, P03, P12, P13, P23) = (A + B, A + C, A + D, B + C, B + D, C + D);
            (M01, M23) = (Vector512.MaxNative(A, B), Vector512.MaxNative(C, D));
            (M02, M03) = (Vector512.MaxNative(A, C), Vector512.MaxNative(A, D));
            (M12, M13) = (Vector512.MaxNative(B, C), Vector512.MaxNative(B, D));
            (TopWithout0, MaxWithout0) = (Vector512.MaxNative(P23, M23 + B), Vector512.MaxNative(M23, B));
            (TopWithout1, MaxWithout1) = (Vector512.MaxNative(P23, M23 + A), Vector512.MaxNative(M23, A));
            (TopWithout2, MaxWithout2) = (Vector512.MaxNative(P01, M01 + D), Vector512.MaxNative(M01, D));
            (TopWithout3, MaxWithout3) = (Vector512.MaxNative(P01, M01 + C), Vector512.MaxNative(M01, C));
        }
    }
}
