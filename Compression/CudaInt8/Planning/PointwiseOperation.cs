namespace SparseGrid.Compression.CudaInt8.Planning;

/// <summary>What a <see cref="PointwiseStep"/> does with each value x, and y of its second input.</summary>
public enum PointwiseOperation
{
    /// <summary>x.</summary>
    Copy,

    /// <summary>x + y.</summary>
    Add,

    /// <summary>x · y; y may have one row and one column, which then count for all.</summary>
    Multiply,

    /// <summary>fma(x, factor, shift) of the channel.</summary>
    Affine,

    /// <summary>min(max(x, first), second).</summary>
    Clip,

    /// <summary>min(max(fma(first, x, second), 0), 1).</summary>
    HardSigmoid,

    /// <summary>x · min(max(fma(1/6, x, 1/2), 0), 1).</summary>
    HardSwish,

    /// <summary>1 / (1 + e^−x), in operations that are named one by one, so that processor and GPU give the same bits.</summary>
    Sigmoid,
}
