namespace SparseGrid.Compression.Graph;

/// <summary>[N, F] to [N, F, 1, 1].</summary>
public sealed record Unflatten(string Name, string From, string To) : Node(Name, [From], [To]);
