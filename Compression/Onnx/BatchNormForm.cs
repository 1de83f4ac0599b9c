namespace SparseGrid.Compression.Onnx;

/// <summary>What becomes of batch normalizations that follow a convolution.</summary>
public enum BatchNormForm
{
    /// <summary>They move into the convolution's weight and bias.</summary>
    Fold,

    /// <summary>They stay nodes of their own, in float; ONNX Runtime then runs quantized convolutions in float too, slower than an FP32 file.</summary>
    Keep,
}
