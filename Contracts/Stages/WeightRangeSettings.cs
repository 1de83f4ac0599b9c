namespace SparseGrid.Contracts.Stages;

/// <summary>How the ranges of weights are found; what is null is the default: the largest magnitude of each output channel.</summary>
/// <param name="Method">percentile or mse.</param>
/// <param name="Percentile">Share of a range's weights that it keeps, in percent; null for the other methods.</param>
/// <param name="Granularity">tensor: one range for a whole weight.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.weight-ranges")]
public sealed record WeightRangeSettings(string? Method = null, double? Percentile = null, string? Granularity = null);
