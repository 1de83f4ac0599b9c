namespace SparseGrid.Contracts.Spec;

/// <summary>How the deployed file is written.</summary>
/// <param name="Opset">ONNX operator set, 13 to 21.</param>
/// <param name="BatchNorm">fold (into the convolution before it) or keep.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.export-settings")]
public sealed record ExportSettings(int Opset = 13, string BatchNorm = "fold");
