using SparseGrid.Contracts.Spec;

namespace SparseGrid.Grains.Sweeps;

/// <summary>What a sweep was before it was submitted with another spec, data, network or numerics: so that it can be told why stages ran again.</summary>
/// <param name="Submitted">When it was submitted last in that form.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.former-submission")]
public sealed record FormerSubmission(SweepSpec Spec, PlanInputs Inputs, DateTimeOffset Submitted);
