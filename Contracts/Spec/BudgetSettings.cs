namespace SparseGrid.Contracts.Spec;

/// <summary>What a sweep may spend; once it is used up no further variant starts, and what runs is finished.</summary>
/// <param name="Wall">Wall time from the submission, or from the one that takes an interrupted sweep up again; null has no bound.</param>
/// <param name="Trials">Trials at most; null has no bound.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.budget")]
public sealed record BudgetSettings(TimeSpan? Wall = null, int? Trials = null);
