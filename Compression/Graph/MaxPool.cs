namespace SparseGrid.Compression.Graph;

/// <summary>Largest value in each window; padding never wins.</summary>
public sealed record MaxPool(string Name, string From, string To, Window Window) : Node(Name, [From], [To]);
