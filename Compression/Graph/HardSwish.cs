namespace SparseGrid.Compression.Graph;

/// <summary>x · min(max(x/6 + 1/2, 0), 1), element by element.</summary>
/// <remarks>Howard et al., "Searching for MobileNetV3", arXiv:1905.02244, section 5.2.</remarks>
public sealed record HardSwish(string Name, string From, string To) : Node(Name, [From], [To]);
