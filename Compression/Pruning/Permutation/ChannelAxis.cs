namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>One axis of one array that runs over the channels of a group.</summary>
/// <param name="Parameter">Full name of the array.</param>
/// <param name="Axis">1 for the input channels of a weight, 0 for output channels, biases and batch normalization.</param>
/// <param name="Node">The node that owns it.</param>
public sealed record ChannelAxis(string Parameter, int Axis, string Node);
