namespace SparseGrid.Compression.Onnx.Import;

/// <summary>What a file says of a quantized layer that ranges and float weights are too coarse for.</summary>
/// <param name="Scales">Units per level of the weight: one, or one for each output channel.</param>
/// <param name="Bias">What the file's 32-bit integers are worth; null where the bias is of floats, or there is none.</param>
internal sealed record FileLayer(float[] Scales, double[]? Bias);
