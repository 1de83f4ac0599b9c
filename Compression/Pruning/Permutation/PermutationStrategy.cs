namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>How a channel permutation is searched.</summary>
/// <remarks>With escapes at most 20 columns are searched whole whatever the strategy by stripes or swaps, and more than 2,048 by progressive swaps.</remarks>
public enum PermutationStrategy
{
    /// <summary>Every partition of all columns; at most 20 of them.</summary>
    WholeMatrix,

    /// <summary>Every partition of two stripes (8 columns), over all pairs of stripes.</summary>
    StripePairs,

    /// <summary>Every partition of three stripes (12 columns), over all threes of stripes; parts of at most 512 columns first, then pairs over the whole.</summary>
    StripeTriples,

    /// <summary>The best exchanges of two columns, greedily.</summary>
    ChannelSwap,

    /// <summary>Random exchanges of two columns, kept where they gain.</summary>
    ProgressiveSwap,
}
