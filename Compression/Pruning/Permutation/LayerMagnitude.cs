namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>The magnitude of one pruned layer's weight.</summary>
/// <param name="Layer">The node's name.</param>
/// <param name="Total">Sum of all |w|, in float64.</param>
/// <param name="KeptBefore">Magnitude that 2:4 pruning keeps without the permutation.</param>
/// <param name="KeptAfter">Magnitude that it keeps with it.</param>
public sealed record LayerMagnitude(string Layer, double Total, double KeptBefore, double KeptAfter);
