using System.Collections.Immutable;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Weights;

/// <summary>The arrays of a state dict under a graph's names.</summary>
/// <param name="Weights">A finite float32 array for every parameter and running statistic of the graph.</param>
/// <param name="Masks">Masks of pruned weights that the file brings, by the weight's name, U8 (1 keeps); a mask that keeps everything is left out.</param>
/// <param name="Notes">What was left out or changed, in words.</param>
public sealed record LoadedWeights(
    ImmutableSortedDictionary<string, HostArray> Weights, ImmutableSortedDictionary<string, HostArray> Masks, ImmutableArray<string> Notes);
