namespace SparseGrid.Compression.Graph;

/// <summary>Element-wise sum of two tensors of one shape; the join of a residual block.</summary>
public sealed record Add(string Name, string Left, string Right, string To) : Node(Name, [Left, Right], [To]);
