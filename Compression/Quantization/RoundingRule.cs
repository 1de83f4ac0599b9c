namespace SparseGrid.Compression.Quantization;

/// <summary>How fake quantization rounds and passes gradients; the three differ at ties and in the last bits.</summary>
public enum RoundingRule
{
    /// <summary>pytorch-quantization: q = round(x · (bound / amax)), y = q / (bound / amax); the gradient passes where |x| ≤ amax.</summary>
    Pq,

    /// <summary>PyTorch's operator: q = round(x · (1 / scale)), y = q · scale; the gradient passes where the unclamped level is in range.</summary>
    Torch,

    /// <summary>ONNX QuantizeLinear: q = round(x / scale), y = q · scale; the gradient passes where the unclamped level is in range.</summary>
    Onnx,
}
