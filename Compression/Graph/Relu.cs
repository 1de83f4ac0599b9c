namespace SparseGrid.Compression.Graph;

/// <summary>max(x, 0), element by element.</summary>
public sealed record Relu(string Name, string From, string To) : Node(Name, [From], [To]);
