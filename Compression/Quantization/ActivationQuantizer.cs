namespace SparseGrid.Compression.Quantization;

/// <summary>A place where activations are quantized: one tensor of the graph, one scale for all of it.</summary>
/// <param name="Tensor">Name of the tensor; every reader sees it quantized.</param>
/// <param name="Signed">int8 with scale amax / 127; else uint8 with scale amax / 255. The zero point is 0 either way.</param>
public sealed record ActivationQuantizer(string Tensor, bool Signed)
{
    /// <summary>The integers of its type: −128…127 or 0…255.</summary>
    public QuantizationLevels Levels => Signed ? QuantizationLevels.Int8 : QuantizationLevels.UInt8;

    /// <summary>The largest level: 127 or 255.</summary>
    public int MaxLevel => Levels.Max;

    /// <summary>The smallest level: −128 or 0.</summary>
    public int MinLevel => Levels.Min;
}
