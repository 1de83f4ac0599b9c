namespace SparseGrid.Compression.CudaInt8.Packing;

/// <summary>How kernels want weights ordered within blocks of 64 by 64.</summary>
internal enum WeightOrder
{
    /// <summary>A warp has all 64 output channels: <see cref="WeightBlocks"/> as they are.</summary>
    Warp,

    /// <summary>The same, with K as lanes read it that take 16 channels at once: <see cref="WeightBlocks.ForDirect"/>.</summary>
    Direct,

    /// <summary>A warp has 16 of the 64 output channels: <see cref="WeightBlocks.ForWarpgroup"/>.</summary>
    Warpgroup,
}
