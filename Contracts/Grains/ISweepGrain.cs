using System.Collections.Immutable;
using Orleans.Concurrency;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Contracts.Grains;

/// <summary>The coordinator of one sweep; its key is the sweep's name.</summary>
[Alias("sparsegrid.ISweepGrain")]
public interface ISweepGrain : IGrainWithStringKey
{
    /// <summary>What the spec would run; activates no variant. All that it keeps are layers and weights of a network that the user brings, for the stages to take.</summary>
    [Alias("Plan")]
    Task<SweepPlan> Plan(SweepSpec spec);

    /// <summary>Starts the sweep, or goes on with it; the same spec again joins what runs.</summary>
    [Alias("Submit")]
    Task<SubmitAnswer> Submit(SweepSpec spec);

    /// <summary>Where the sweep stands.</summary>
    [Alias("Status"), AlwaysInterleave]
    Task<SweepStatus> Status();

    /// <summary>Rows from an index on, at most 500 a call.</summary>
    [Alias("Rows"), AlwaysInterleave]
    Task<ImmutableArray<TrialRow>> Rows(int from, int count);

    /// <summary>Lets running variants write a checkpoint and stop; nothing is lost, submitting again goes on. Safe to repeat.</summary>
    [Alias("Stop")]
    Task Stop();

    /// <summary>News of one variant that this sweep watches. Safe to repeat: a sequence that was seen is ignored.</summary>
    [Alias("VariantReached"), AlwaysInterleave]
    Task VariantReached(VariantReport report);

    /// <summary>Slots may have come free: a hint to look, nothing more.</summary>
    [Alias("SlotsFreed"), AlwaysInterleave]
    Task SlotsFreed();
}
