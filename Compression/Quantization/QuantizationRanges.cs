using System.Collections.Immutable;

namespace SparseGrid.Compression.Quantization;

/// <summary>The ranges that calibration found: amax, the absolute value that maps to the largest level.</summary>
/// <param name="Activations">amax of each quantized tensor, in the tensor's units.</param>
/// <param name="Weights">amax of each output channel of each quantized node, [K], in weight units; a single value is one range for all K channels.</param>
public sealed record QuantizationRanges(
    ImmutableSortedDictionary<string, float> Activations, ImmutableSortedDictionary<string, ImmutableArray<float>> Weights);
