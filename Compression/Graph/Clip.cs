namespace SparseGrid.Compression.Graph;

/// <summary>min(max(x, Min), Max), element by element; a side without a bound is infinite. ReLU6 is a clip to 0 and 6.</summary>
public sealed record Clip(string Name, string From, string To, float Min, float Max) : Node(Name, [From], [To]);
