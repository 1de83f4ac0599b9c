using System.Collections.Immutable;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Pruning;

/// <summary>What pruning made of a network.</summary>
/// <param name="Weights">All parameters, by name; those pruned hold zeros.</param>
/// <param name="Masks">The masks of the pruned weights, by parameter name: unsigned 8-bit, 1 keeps.</param>
/// <param name="Layers">Every convolution and fully connected layer, and why it was not pruned.</param>
public sealed record PrunedNetwork(
    ImmutableSortedDictionary<string, HostArray> Weights, ImmutableSortedDictionary<string, HostArray> Masks, ImmutableArray<LayerEligibility> Layers);
