namespace SparseGrid.Compression.Graph;

/// <summary>Mean of each window; padding counts as zeros only where CountPadding says so.</summary>
public sealed record AveragePool(string Name, string From, string To, Window Window, bool CountPadding = true) : Node(Name, [From], [To]);
