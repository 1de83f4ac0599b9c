namespace SparseGrid.Compression.Pruning;

/// <summary>Whether 2:4 pruning may touch one layer.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="WeightName">Full name of its weight.</param>
/// <param name="Shape">The weight's shape: 32x16x3x3.</param>
/// <param name="Eligible">True where it may be pruned.</param>
/// <param name="Reason">Why it may not, in words; empty where it may.</param>
public sealed record LayerEligibility(string Node, string WeightName, string Shape, bool Eligible, string Reason);
