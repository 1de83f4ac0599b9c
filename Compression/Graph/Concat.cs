using System.Collections.Immutable;

namespace SparseGrid.Compression.Graph;

/// <summary>Tensors of equal rows and columns side by side along the channels, in order.</summary>
public sealed record Concat(string Name, ImmutableArray<string> From, string To) : Node(Name, From, [To]);
