namespace SparseGrid.Contracts.Stages;

/// <summary>How a variant is quantized to INT8.</summary>
/// <param name="Dialect">ort, tensorrt or cuda-int8.</param>
/// <param name="Rounding">pq, torch or onnx: how fake quantization rounds and passes gradients.</param>
/// <param name="Layers">Which layers are quantized; null for all.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.quantize")]
public sealed record QuantizeSettings(string Dialect = "ort", string Rounding = "onnx", QuantizedLayerSettings? Layers = null);
