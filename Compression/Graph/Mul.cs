namespace SparseGrid.Compression.Graph;

/// <summary>Element-wise product; the right one may have one row and one column, which then count for all: the gate of a squeeze-and-excitation block.</summary>
public sealed record Mul(string Name, string Left, string Right, string To) : Node(Name, [Left, Right], [To]);
