namespace SparseGrid.Compression.Quantization;

/// <summary>Whether one layer is quantized, and why.</summary>
/// <param name="Layer">The name of a convolution, fully connected layer, average pool or residual add.</param>
/// <param name="Quantized">True where it reads quantized tensors and, if it has one, multiplies by a quantized weight.</param>
/// <param name="Why">The rule that decided: excluded by 'layer4.*'.</param>
public sealed record LayerQuantization(string Layer, bool Quantized, string Why);
