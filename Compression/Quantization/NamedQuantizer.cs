namespace SparseGrid.Compression.Quantization;

/// <summary>A quantizer under the name that pytorch-quantization gives it.</summary>
/// <param name="Name">layer1.0.conv1._input_quantizer, layer1.0.conv1._weight_quantizer, layer1.0.residual_quantizer.</param>
/// <param name="Node">The node that reads through it.</param>
/// <param name="Tensor">The tensor of the graph that is quantized; null for a weight.</param>
public sealed record NamedQuantizer(string Name, string Node, string? Tensor);
