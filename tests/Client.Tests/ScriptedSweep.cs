using System.Collections.Immutable;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Origins;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Client.Tests;

/// <summary>A sweep that answers with given statuses, the last one for ever.</summary>
internal sealed class ScriptedSweep(params SweepStatus[] statuses) : ISweepGrain
{
    private int next;

    public ImmutableArray<TrialRow> Trials { get; init; } = [];

    /// <summary>What <see cref="Plan"/> throws; null gives a plan of one trial.</summary>
    public Exception? PlanFault { get; init; }

    public SubmitAnswer Answer { get; init; } = new(true, "started");

    public List<int> Pages { get; } = [];

    public int Submissions { get; private set; }

    public bool Stopped { get; private set; }

    /// <summary>The status from the moment that the sweep is asked to stop; null where it goes on with the others.</summary>
    public SweepStatus? AfterStop { get; init; }

    /// <summary>Called when the status is looked at.</summary>
    public Action Looked { get; init; } = () => { };

    public Task<SweepStatus> Status()
    {
        Looked();
        return Task.FromResult(Stopped && AfterStop is { } end ? end : statuses[Math.Min(next++, statuses.Length - 1)]);
    }

    public Task<ImmutableArray<TrialRow>> Rows(int from, int count)
    {
        Pages.Add(from);
        return Task.FromResult(Trials.Skip(from).Take(count).ToImmutableArray());
    }

    public Task<SweepPlan> Plan(SweepSpec spec) => PlanFault is { } fault
        ? Task.FromException<SweepPlan>(fault)
        : Task.FromResult(new SweepPlan(spec.Sweep, [new(0, "dense", VariantKind.Dense, Sample.Id(0), -1, 7, false, 2, "train")]));

    public Task<SweepPlan?> Submitted() => throw new NotSupportedException();

    public Task<SubmitAnswer> Submit(SweepSpec spec)
    {
        Submissions++;
        return Task.FromResult(Answer);
    }

    public Task<SubmitAnswer> Pause() => Task.FromResult(Answer);

    public Task<SubmitAnswer> Resume() => Task.FromResult(Answer);

    public Task<SubmitAnswer> Retry(ImmutableArray<FailureClass> classes) => Task.FromResult(Answer);

    public Task<SubmitAnswer> Forget() => Task.FromResult(Answer);

    public Task<VariantOrigin?> Origin(int trial) => Task.FromResult<VariantOrigin?>(null);

    public Task<VariantOrigin?> FormerOrigin(string path) => Task.FromResult<VariantOrigin?>(null);

    public Task<SweepSpec?> Spec() => Task.FromResult<SweepSpec?>(null);

    public Task Stop(TimeSpan? deadline)
    {
        Stopped = true;
        return Task.CompletedTask;
    }

    public Task VariantReached(VariantReport report) => throw new NotSupportedException();

    public Task VariantsReached(ImmutableArray<VariantReport> reports) => throw new NotSupportedException();

    public Task SlotsFreed() => throw new NotSupportedException();
}
