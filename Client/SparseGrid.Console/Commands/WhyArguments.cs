using SparseGrid.Console.Clusters;

namespace SparseGrid.Console.Commands;

/// <summary>What <c>sparsegrid why</c> was asked.</summary>
/// <param name="Variant">A path of the tree, an index, or the first digits of an identity.</param>
/// <param name="Other">The variant that it is compared with; null for none.</param>
/// <param name="OtherSweep">That variant's sweep; null for the same.</param>
public sealed record WhyArguments(ClusterSettings Cluster, string Sweep, string Variant, string? Other, string? OtherSweep, bool Json);
