namespace SparseGrid.Compression.Pruning;

/// <summary>What a weight does, as far as pruning asks.</summary>
public enum LayerKind
{
    /// <summary>A matrix product: [K, C].</summary>
    Linear,

    /// <summary>A convolution, grouped or not: [K, C per group, R] or [K, C per group, R, S].</summary>
    Convolution,

    /// <summary>The projections of an attention, one below the other: [K, C].</summary>
    Attention,

    /// <summary>A transposed convolution, whose products are summed along the first axis: never pruned.</summary>
    TransposedConvolution,

    /// <summary>A table of vectors, which is read and not multiplied: never pruned.</summary>
    Embedding,
}
