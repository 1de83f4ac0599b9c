namespace SparseGrid.Compression.Graph;

/// <summary>Mean over all rows and columns: [N, C, H, W] to [N, C, 1, 1].</summary>
public sealed record GlobalAveragePool(string Name, string From, string To) : Node(Name, [From], [To]);
