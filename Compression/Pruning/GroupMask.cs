namespace SparseGrid.Compression.Pruning;

/// <summary>N:M masks: of every M consecutive input channels the N with the largest magnitudes are kept.</summary>
/// <remarks>
/// Zhou et al., "Learning N:M Fine-grained Structured Sparse Neural Networks From Scratch", arXiv:2102.04010, section 3. Of equal magnitudes the first are kept, so an
/// all-zero group keeps its first N. Unlike <see cref="TwoFourMask"/>, which follows apex to its ties, the magnitudes themselves are compared and not their rounded sums.
/// </remarks>
public static class GroupMask
{
    /// <summary>The largest M: a warp's width, and more than any kernel's group.</summary>
    public const int LargestGroup = 32;

    /// <summary>The mask of a weight: 1 keeps, 0 prunes; same shape.</summary>
    /// <param name="weight">Row-major weight [C], [K, C], [K, C, R] or [K, C, R, S]; C is the number of input channels per group.</param>
    /// <param name="shape">Its dimensions; C is a multiple of <paramref name="size"/>.</param>
    /// <param name="size">M, from 2 to <see cref="LargestGroup"/>.</param>
    /// <param name="kept">N, from 1 to M − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">M or N is outside its range.</exception>
    /// <exception cref="ArgumentException">The shape has another rank, does not fit the values, or its C is no multiple of M; or a weight is NaN or infinite.</exception>
    public static byte[] Of(ReadOnlySpan<float> weight, ReadOnlySpan<long> shape, int size, int kept)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, LargestGroup);
        ArgumentOutOfRangeException.ThrowIfLessThan(kept, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(kept, size);
        var layout = WeightLayout.Of(weight.Length, shape);
        layout.RequireGroupsOf(size);
        layout.RequireFinite(weight);

        const int lanes = MagnitudeRanks.Lanes;
        var (plane, groups) = (layout.Plane, weight.Length / size);
        var mask = new byte[weight.Length];
        Span<float> magnitudes = stackalloc float[size * lanes];
        Span<int> ranks = stackalloc int[size * lanes];
        Span<int> first = stackalloc int[lanes];              // where each group's first channel lies
        for (int done = 0, start = 0, offset = 0; done < groups; done += lanes)
        {
            var count = Math.Min(lanes, groups - done);
            for (var lane = 0; lane < count; lane++)
            {
                var at = first[lane] = start + offset;
                for (var slot = 0; slot < size; slot++)
                    magnitudes[slot * lanes + lane] = MathF.Abs(weight[at + slot * plane]);
                if (++offset == plane)
                    (start, offset) = (start + size * plane, 0);
            }

            MagnitudeRanks.Of(magnitudes, size, ranks);
            for (var lane = 0; lane < count; lane++)
            {
                for (var slot = 0; slot < size; slot++)
                    mask[first[lane] + slot * plane] = ranks[slot * lanes + lane] < kept ? (byte)1 : (byte)0;
            }
        }

        return mask;
    }
}
