namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>How much a search for a channel permutation tries.</summary>
/// <param name="Strategy">The search; NVIDIA's ASP takes pairs of stripes.</param>
/// <param name="Escapes">Random exchanges out of a state that no step improves, for the searches by stripes and the channel swap.</param>
/// <param name="Tries">Exchanges that the progressive swap tries.</param>
/// <param name="Threads">Threads at most; the result is the same for any number.</param>
public sealed record PermutationOptions(
    PermutationStrategy Strategy = PermutationStrategy.StripePairs, int Escapes = 100, int Tries = 100_000, int Threads = 1);
