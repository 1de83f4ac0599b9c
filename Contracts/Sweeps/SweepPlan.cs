using System.Collections.Immutable;

namespace SparseGrid.Contracts.Sweeps;

/// <summary>What a sweep would do, known before anything runs.</summary>
/// <param name="Trials">Every trial, in the order of the tree.</param>
/// <param name="Model">The network that the user brought; null for a builder's that is trained from the seed.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.sweep-plan")]
public sealed record SweepPlan(string Sweep, ImmutableArray<PlannedTrial> Trials, PlannedModel? Model = null)
{
    /// <summary>Distinct variants among the trials.</summary>
    public int Variants => Trials.Select(trial => trial.Variant).Distinct().Count();

    /// <summary>Distinct variants whose result is there already.</summary>
    public int Done => Trials.Where(trial => trial.Done).Select(trial => trial.Variant).Distinct().Count();
}
