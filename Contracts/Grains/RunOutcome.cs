namespace SparseGrid.Contracts.Grains;

/// <summary>How a variant's run ended.</summary>
/// <param name="Kind">finished, stopped (checkpoint kept; it can go on) or failed.</param>
/// <param name="Failure">What went wrong and what to do, for a failed run; never cached.</param>
/// <param name="Class">Its class, which decides whether and where the variant runs again; null for a run that did not fail.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.run-outcome")]
public sealed record RunOutcome(RunEnd Kind, string? Failure, FailureClass? Class = null);
