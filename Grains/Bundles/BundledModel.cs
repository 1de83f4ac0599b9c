namespace SparseGrid.Grains.Bundles;

/// <summary>The deployed file.</summary>
/// <param name="Artifact">SHA-256 of the file that the sweep evaluated and measured; that of <c>model.onnx</c> too unless a batch was fixed afterwards.</param>
/// <param name="Batch">Images a call that it fixes; null where it takes any number.</param>
/// <param name="Dialect">Form of a quantized file; null for float.</param>
/// <param name="PrunedZeros">Share of zeros in the pruned layers' weights, 0 to 1; null where none was pruned.</param>
public sealed record BundledModel(string Artifact, int? Batch, int Opset, string? Dialect, double? PrunedZeros, long Bytes);
