namespace SparseGrid.Contracts.Spec;

/// <summary>A condition a variant must meet to be recommended, relative to dense FP32: accuracy to the best dense variant of the same seed, latency and size
/// to its own ancestor.</summary>
/// <param name="Metric">accuracy_drop (points, 0.5 = half a point), latency_ratio (own median / baseline median) or size_ratio (own bytes / baseline
/// bytes).</param>
/// <param name="AtMost">The largest value that meets the goal.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.goal")]
public sealed record Goal(string Metric, double AtMost);
