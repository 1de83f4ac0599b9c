namespace SparseGrid.Compression.Graph;

/// <summary>A node that multiplies its input by a weight whose axes 0 and 1 are output and input channels: it can be pruned and quantized.</summary>
public interface IWeightedNode
{
    /// <summary>The node's name.</summary>
    string Name { get; }

    /// <summary>Full name of its weight.</summary>
    string WeightName { get; }
}
