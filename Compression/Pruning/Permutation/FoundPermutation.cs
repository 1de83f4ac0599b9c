namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>What a search found.</summary>
/// <param name="KeptBefore">Magnitude that 2:4 pruning keeps of the matrix as it was, in float64.</param>
/// <param name="KeptAfter">Magnitude that it keeps of matrix[:, permutation]; at least as much.</param>
public sealed record FoundPermutation(ChannelPermutation Permutation, double KeptBefore, double KeptAfter);
