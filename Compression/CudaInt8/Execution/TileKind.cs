namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>The convolution kernels on the tensor cores.</summary>
internal enum TileKind
{
    /// <summary>For any window of up to 32 taps: weights and activations through shared memory, tap by tap.</summary>
    Implicit,

    /// <summary>For 3x3 with stride 1: each input row is staged once, a block makes one tile.</summary>
    Halo,

    /// <summary>The same, but a block walks over tiles and loads the next while it multiplies.</summary>
    Stream,

    /// <summary>For 3x3 with stride 1, on instructions of four warps that compute capability 9.0 alone has.</summary>
    Warpgroup,

    /// <summary>For 1x1, on the same instructions: a block asks for all that it reads at once.</summary>
    Pointwise,

    /// <summary>For any window of up to 32 taps and few pixels: weights in registers before the kernel before has ended, activations straight into them, K shared out to the warps of a block and the
    /// blocks of a cluster.</summary>
    Direct,
}
