namespace SparseGrid.Compression.CudaInt8;

/// <summary>How an engine computes convolutions.</summary>
public enum ConvolutionForm
{
    /// <summary>2:4 or dense, whichever was measured to be faster for the layer and batch; 2:4 only where the weights allow it.</summary>
    Fastest,

    /// <summary>Dense kernels, also where weights are 2:4.</summary>
    Dense,

    /// <summary>2:4 kernels where the weights allow it, also where dense ones are faster.</summary>
    TwoFour,

    /// <summary>The plain kernels, one thread for each output, nothing fused: slow, and what the others are checked against.</summary>
    Plain,
}
