using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;

namespace SparseGrid.Contracts.Sweeps;

/// <summary>One row of a sweep: which variant, where it stands, what came out.</summary>
/// <param name="Index">The trial's index in the sweep; with the sweep's name its identity.</param>
/// <param name="Path">The variant's place in the tree, for people: dense / sparse / ptq entropy.</param>
/// <param name="Parent">Index of the trial whose variant it starts from; −1 for a dense one.</param>
/// <param name="Reused">True where the result was there before the sweep asked.</param>
/// <param name="Failure">What went wrong, for a failed trial.</param>
/// <param name="Result">The committed result, for a finished trial.</param>
/// <param name="FailureClass">Class of the failure; that of the ancestor that failed, where one did. Null for a trial that has not failed.</param>
/// <param name="Attempts">Runs of its own variant that have failed since the sweep was submitted or the trial retried; a trial that waits or runs may
/// have some too.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.trial-row")]
public sealed record TrialRow(
    int Index, string Path, VariantKind Kind, VariantId Variant, int Parent, int Seed, TrialState State, bool Reused, string? Failure, VariantResult? Result,
    FailureClass? FailureClass = null, int Attempts = 0);
