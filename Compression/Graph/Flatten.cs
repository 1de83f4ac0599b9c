namespace SparseGrid.Compression.Graph;

/// <summary>[N, C, H, W] to [N, C·H·W], row-major.</summary>
public sealed record Flatten(string Name, string From, string To) : Node(Name, [From], [To]);
