using System.Collections.Immutable;
using Orleans.Concurrency;
using SparseGrid.Contracts.Origins;
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

    /// <summary>The plan as it was submitted, with what is done by now; looks at no data and needs no silo that computes. Null where no spec was submitted.</summary>
    [Alias("Submitted"), AlwaysInterleave]
    Task<SweepPlan?> Submitted();

    /// <summary>Starts the sweep, or goes on with it; the same spec again joins what runs.</summary>
    [Alias("Submit")]
    Task<SubmitAnswer> Submit(SweepSpec spec);

    /// <summary>Where the sweep stands.</summary>
    [Alias("Status"), AlwaysInterleave, ResponseTimeout("00:00:10")]
    Task<SweepStatus> Status();

    /// <summary>Rows from an index on, at most 500 a call.</summary>
    [Alias("Rows"), AlwaysInterleave]
    Task<ImmutableArray<TrialRow>> Rows(int from, int count);

    /// <summary>
    /// Lets running variants write a checkpoint and stop; nothing is lost, submitting again goes on. Runs that have not ended when the deadline is over end at once, without a
    /// checkpoint of their last steps. Safe to repeat: the earliest deadline counts.
    /// </summary>
    /// <param name="deadline">Zero ends all of them now; null takes the grid's <c>Grid:StopDeadline</c>.</param>
    [Alias("Stop")]
    Task Stop(TimeSpan? deadline);

    /// <summary>Starts nothing new; what runs goes on to its end. Safe to repeat.</summary>
    /// <returns>A refusal where the sweep is neither active nor paused.</returns>
    [Alias("Pause")]
    Task<SubmitAnswer> Pause();

    /// <summary>Goes on with a sweep that was paused, stopped or has used up its budget, without its spec file. Safe to repeat.</summary>
    [Alias("Resume")]
    Task<SubmitAnswer> Resume();

    /// <summary>Lets failed trials, and those that failed with them, run again.</summary>
    /// <param name="classes">Only those that failed with one of these; none given means all.</param>
    [Alias("Retry")]
    Task<SubmitAnswer> Retry(ImmutableArray<FailureClass> classes);

    /// <summary>Where a trial's variant comes from: the tree of its inputs, with keys and records; null where there is no such trial.</summary>
    [Alias("Origin"), AlwaysInterleave]
    Task<VariantOrigin?> Origin(int trial);

    /// <summary>The same of the trial that had that path before the sweep was submitted with another spec or with other data; null where none had.</summary>
    [Alias("FormerOrigin"), AlwaysInterleave]
    Task<VariantOrigin?> FormerOrigin(string path);

    /// <summary>Forgets the sweep: no name, no rows. Its results and artifacts stay until garbage is collected.</summary>
    /// <returns>A refusal where it is under way, or unknown.</returns>
    [Alias("Forget")]
    Task<SubmitAnswer> Forget();

    /// <summary>The spec it was submitted with; null where none was.</summary>
    [Alias("Spec"), AlwaysInterleave]
    Task<SweepSpec?> Spec();

    /// <summary>News of one variant that this sweep watches. Safe to repeat: a sequence that was seen is ignored.</summary>
    [Alias("VariantReached"), AlwaysInterleave]
    Task VariantReached(VariantReport report);

    /// <summary>News of several variants at once, of one silo, those of a run in their order. Safe to repeat, as each of them is.</summary>
    [Alias("VariantsReached"), AlwaysInterleave]
    Task VariantsReached(ImmutableArray<VariantReport> reports);

    /// <summary>Slots may have come free: a hint to look, nothing more.</summary>
    [Alias("SlotsFreed"), AlwaysInterleave]
    Task SlotsFreed();
}
