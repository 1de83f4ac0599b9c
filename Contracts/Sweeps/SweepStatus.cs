using System.Collections.Immutable;
using SparseGrid.Contracts.Grains;

namespace SparseGrid.Contracts.Sweeps;

/// <summary>A sweep at a glance: counts, what runs, how often each stage was executed and reused.</summary>
/// <param name="Revision">Grows with every change; equal revisions mean that nothing happened.</param>
/// <param name="StagesExecuted">Stage kind to how many were executed for this sweep since it was submitted.</param>
/// <param name="StagesReused">Stage kind to how many were answered by a record that was there already.</param>
/// <param name="FailedBy">Class of failure to how many trials failed by it, those that failed with an ancestor included; null where none did.</param>
/// <param name="Retrying">Trials whose variant failed and is to run again, or runs again.</param>
/// <param name="Trouble">Why trials wait that could start: what the silos that take nothing say; null where there is nothing to say.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.sweep-status")]
public sealed record SweepStatus(
    string Sweep, SweepState State, long Revision, int Trials, int Waiting, int Running, int Finished, int Failed, int Reused,
    ImmutableArray<RunningVariant> Variants, ImmutableSortedDictionary<string, int> StagesExecuted, ImmutableSortedDictionary<string, int> StagesReused,
    DateTimeOffset Submitted, DateTimeOffset? Ended, ImmutableSortedDictionary<FailureClass, int>? FailedBy = null, int Retrying = 0,
    string? Trouble = null);
