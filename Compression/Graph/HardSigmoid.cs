namespace SparseGrid.Compression.Graph;

/// <summary>min(max(Slope·x + Shift, 0), 1), element by element. PyTorch's has the slope 1/6 and the shift 1/2.</summary>
public sealed record HardSigmoid(string Name, string From, string To, float Slope = 1f / 6, float Shift = 0.5f) : Node(Name, [From], [To]);
