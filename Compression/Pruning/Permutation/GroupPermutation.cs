using System.Collections.Immutable;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>What the search did with one group of channels.</summary>
/// <param name="Group">The channels and the arrays along them.</param>
/// <param name="Searched">The consumers that are pruned: their weights made up the matrix.</param>
/// <param name="Permutation">The new order; null where the group stays as it is.</param>
/// <param name="Reason">Why it stays; empty where it was reordered.</param>
/// <param name="Total">Magnitude of the matrix: the sum of all |w|.</param>
/// <param name="KeptBefore">Magnitude that 2:4 pruning keeps of it without the permutation.</param>
/// <param name="KeptAfter">Magnitude that it keeps with it.</param>
/// <param name="Efficacy">Share of the loss beyond unstructured pruning of each row that the permutation saves.</param>
public sealed record GroupPermutation(
    ChannelGroup Group, ImmutableArray<string> Searched, ChannelPermutation? Permutation, string Reason, double Total, double KeptBefore, double KeptAfter,
    double Efficacy);
