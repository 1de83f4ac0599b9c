namespace SparseGrid.Compression.Quantization.Calibrators;

/// <summary>What shares one range of a weight [K, C, R, S]: a channel gives amax [K], the tensor [1].</summary>
public enum WeightGranularity
{
    /// <summary>Each output channel.</summary>
    Channel,

    /// <summary>The whole weight.</summary>
    Tensor,
}
