namespace SparseGrid.Contracts.Stages;

/// <summary>How a network is pruned.</summary>
/// <param name="Pattern">m4n2_1d, m4n2_2d_greedy, m4n2_2d_best, or mMnN_1d.</param>
/// <param name="Exclude">Patterns of the layers that stay dense, sorted and joined by commas; null for none.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.prune-settings")]
public sealed record PruneSettings(string Pattern = "m4n2_1d", string? Exclude = null);
