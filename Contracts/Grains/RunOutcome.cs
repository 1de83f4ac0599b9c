namespace SparseGrid.Contracts.Grains;

/// <summary>How a variant's run ended.</summary>
/// <param name="Kind">finished, stopped (checkpoint kept; it can go on) or failed.</param>
/// <param name="Failure">What went wrong and what to do, for a failed run; never cached.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.run-outcome")]
public sealed record RunOutcome(RunEnd Kind, string? Failure);
