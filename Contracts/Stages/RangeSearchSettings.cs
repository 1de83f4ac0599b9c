namespace SparseGrid.Contracts.Stages;

/// <summary>Which ranges the entropy and mse searches try; what is null is the default.</summary>
/// <param name="StartBin">The smallest, in bins; null for 128.</param>
/// <param name="Stride">How many bins further the next one is; null for 1.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.range-search")]
public sealed record RangeSearchSettings(int? StartBin = null, int? Stride = null);
