namespace SparseGrid.Contracts.Stages;

/// <summary>Which layers of a variant are quantized; what is null is the default, every layer.</summary>
/// <param name="Include">Patterns of the layers that are, sorted and joined by commas.</param>
/// <param name="Exclude">Patterns of the layers that are not, also where Include names them; sorted and joined by commas.</param>
/// <param name="Residual">False leaves residual adds in float.</param>
/// <param name="FloatEnds">first, last or both: the layers with weights at the ends of the network that stay in float.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.quantized-layers")]
public sealed record QuantizedLayerSettings(string? Include = null, string? Exclude = null, bool? Residual = null, string? FloatEnds = null);
