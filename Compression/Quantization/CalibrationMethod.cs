namespace SparseGrid.Compression.Quantization;

/// <summary>How amax of an activation is chosen from its histogram.</summary>
public enum CalibrationMethod
{
    /// <summary>The largest absolute value seen.</summary>
    Max,

    /// <summary>The range whose quantized distribution has the smallest KL divergence from the seen one.</summary>
    Entropy,

    /// <summary>The value below which that share of all absolute values lies.</summary>
    Percentile,

    /// <summary>The range with the smallest mean squared quantization error.</summary>
    Mse,
}
