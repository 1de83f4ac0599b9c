namespace SparseGrid.Compression.Graph;

/// <summary>1 / (1 + e⁻ˣ), element by element.</summary>
public sealed record Sigmoid(string Name, string From, string To) : Node(Name, [From], [To]);
