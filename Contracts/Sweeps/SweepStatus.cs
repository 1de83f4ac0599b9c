using System.Collections.Immutable;

namespace SparseGrid.Contracts.Sweeps;

/// <summary>A sweep at a glance: counts, what runs, how often each stage was executed and reused.</summary>
/// <param name="Revision">Grows with every change; equal revisions mean that nothing happened.</param>
/// <param name="StagesExecuted">Stage kind to how many were executed for this sweep since it was submitted.</param>
/// <param name="StagesReused">Stage kind to how many were answered by a record that was there already.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.sweep-status")]
public sealed record SweepStatus(
    string Sweep, SweepState State, long Revision, int Trials, int Waiting, int Running, int Finished, int Failed, int Reused,
    ImmutableArray<RunningVariant> Variants, ImmutableSortedDictionary<string, int> StagesExecuted, ImmutableSortedDictionary<string, int> StagesReused,
    DateTimeOffset Submitted, DateTimeOffset? Ended);
