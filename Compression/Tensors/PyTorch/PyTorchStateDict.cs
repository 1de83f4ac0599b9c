using System.Collections.Immutable;

namespace SparseGrid.Compression.Tensors.PyTorch;

/// <summary>The tensors of a PyTorch checkpoint.</summary>
/// <param name="Arrays">By name as the file has them, values row-major; booleans are U8.</param>
/// <param name="Key">Where in the checkpoint they stood: model_state_dict; null where the checkpoint is nothing else.</param>
/// <param name="Others">Names beside them that hold no tensor, in the file's order: epoch, optimizer.</param>
public sealed record PyTorchStateDict(ImmutableSortedDictionary<string, HostArray> Arrays, string? Key, ImmutableArray<string> Others);
