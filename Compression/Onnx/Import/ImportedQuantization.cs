using System.Collections.Immutable;
using SparseGrid.Compression.Quantization;

namespace SparseGrid.Compression.Onnx.Import;

/// <summary>How an imported file is quantized: what a network of its graph and weights is given to compute what the file says, and what an export is given to say it again.</summary>
/// <param name="Placement">The tensors and weights that the file quantizes, whether a dialect places quantizers there or not.</param>
/// <param name="Ranges">amax of each: scale times the largest level, and so that amax divided by it is the file's scale to the bit.</param>
/// <param name="Dialect">What the file was written in, where it says so; else the dialect that differs in the fewest places.</param>
public sealed record ImportedQuantization(QuantizerPlacement Placement, QuantizationRanges Ranges, Dialect Dialect)
{
    /// <summary>The scales and integer biases of quantized layers as they stand in the file, by layer.</summary>
    internal ImmutableDictionary<string, FileLayer> Layers { get; init; } = ImmutableDictionary<string, FileLayer>.Empty;

    /// <summary>How QuantizeLinear rounds.</summary>
    public static RoundingRule Rounding => RoundingRule.Onnx;
}
