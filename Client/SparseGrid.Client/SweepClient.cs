using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Orleans.Storage;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Origins;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Client;

/// <summary>Plans, runs and reads sweeps of a grid. Holds nothing: a sweep goes on without its client, and any client can watch it.</summary>
/// <param name="grains">Of a cluster client, or of a silo in this process.</param>
/// <param name="time">The clock that polling waits by; the system's where none is given.</param>
public sealed class SweepClient(IGrainFactory grains, TimeProvider? time = null)
{
    private const int PageSize = 500;
    private const int MissedLooks = 10;
    private readonly TimeProvider clock = time ?? TimeProvider.System;

    /// <summary>Time between two looks at a sweep's status. Default 250 ms.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>What the spec would run and what is there already; changes nothing.</summary>
    public Task<SweepPlan> Plan(SweepSpec spec) => Sweep(spec.Sweep).Plan(spec);

    /// <summary>The plan that the sweep was submitted with, and what of it is done by now; null where none was. Needs neither the data nor a silo that computes.</summary>
    public Task<SweepPlan?> Submitted(string sweep) => Look(Sweep(sweep).Submitted);

    /// <summary>Starts the sweep, goes on with it, or joins it where it runs already. Safe to repeat.</summary>
    public Task<SubmitAnswer> Submit(SweepSpec spec) => Anew(() => Sweep(spec.Sweep).Submit(spec));

    /// <summary>Asks running variants to write a checkpoint and stop. Safe to repeat; <see cref="Submit"/> goes on.</summary>
    /// <param name="deadline">Runs that have not ended by then end at once, without a checkpoint of their last steps: zero for now, null for the grid's own deadline.</param>
    public Task Stop(string sweep, TimeSpan? deadline = null) => Sweep(sweep).Stop(deadline);

    /// <summary>Starts nothing new; what runs goes on to its end. Safe to repeat.</summary>
    public Task<SubmitAnswer> Pause(string sweep) => Anew(Sweep(sweep).Pause);

    /// <summary>Goes on with a sweep that was paused or stopped, or has used up its budget. Safe to repeat.</summary>
    public Task<SubmitAnswer> Resume(string sweep) => Anew(Sweep(sweep).Resume);

    /// <summary>Lets failed trials run again: those that failed with one of the given classes, or all where none is given.</summary>
    public Task<SubmitAnswer> Retry(string sweep, params ImmutableArray<FailureClass> classes) =>
        Sweep(sweep).Retry(classes);

    /// <summary>Where a trial's variant comes from; null where there is no such trial.</summary>
    public Task<VariantOrigin?> Origin(string sweep, int trial) => Look(() => Sweep(sweep).Origin(trial));

    /// <summary>The same of the trial that had that path before the sweep was submitted with another spec or with other data; null where none had.</summary>
    public Task<VariantOrigin?> FormerOrigin(string sweep, string path) => Look(() => Sweep(sweep).FormerOrigin(path));

    /// <summary>Forgets a sweep that is not under way; its results and artifacts stay until garbage is collected.</summary>
    public Task<SubmitAnswer> Forget(string sweep) => Sweep(sweep).Forget();

    /// <summary>The spec that the sweep was submitted with; null where none was.</summary>
    public Task<SweepSpec?> Spec(string sweep) => Sweep(sweep).Spec();

    /// <summary>The names of the grid's sweeps, sorted.</summary>
    public Task<ImmutableArray<string>> Names() => Look(() => grains.GetGrain<ISweepIndexGrain>(0).Names());

    /// <summary>Where each sweep of the grid stands, by name. One whose record cannot be read fails all; <see cref="Names"/> and <see cref="Status"/> tell of the others.</summary>
    public async Task<ImmutableArray<SweepStatus>> All() => [.. await Task.WhenAll((await Names()).Select(Status))];

    /// <summary>Where the sweep stands now.</summary>
    public Task<SweepStatus> Status(string sweep) => Look(Sweep(sweep).Status);

    /// <summary>The status now and after every change, up to and with the one in which the sweep has ended and nothing of it runs.</summary>
    /// <exception cref="TimeoutException">Ten looks in a row had no answer; the sweep itself may well go on.</exception>
    public async IAsyncEnumerable<SweepStatus> Watch(string sweep, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var grain = Sweep(sweep);
        long? seen = null;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var status = await Look(grain.Status);
            if (status.Revision != seen)
                yield return status;
            if (HasEnded(status))
                yield break;
            seen = status.Revision;
            await Task.Delay(PollInterval, clock, cancellation);
        }
    }

    /// <summary>Waits until the sweep has ended and gives its last status.</summary>
    public async Task<SweepStatus> WaitForEnd(string sweep, CancellationToken cancellation = default)
    {
        SweepStatus? last = null;
        await foreach (var status in Watch(sweep, cancellation))
            last = status;
        return last!;
    }

    /// <summary>All rows of the sweep in the order of their index, fetched page by page.</summary>
    public async Task<ImmutableArray<TrialRow>> Rows(string sweep)
    {
        var grain = Sweep(sweep);
        var rows = ImmutableArray.CreateBuilder<TrialRow>();
        while (true)
        {
            var page = await grain.Rows(rows.Count, PageSize);
            if (page.IsEmpty)
                return rows.ToImmutable();
            rows.AddRange(page);
        }
    }

    /// <summary>True where no trial runs and none will be started without another submission.</summary>
    public static bool HasEnded(SweepStatus status) => status.State != SweepState.Active && status.Running == 0;

    /// <summary>What is safe to repeat is repeated where the sweep's coordinator was just replaced by another one: that one decides anew.</summary>
    private static async Task<SubmitAnswer> Anew(Func<Task<SubmitAnswer>> ask)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ask();
            }
            catch (InconsistentStateException) when (attempt < 3)
            {
            }
        }
    }

    /// <summary>A look changes nothing, so it is repeated where a busy machine, or a silo that has just frozen, lets the call time out.</summary>
    private static async Task<T> Look<T>(Func<Task<T>> look)
    {
        for (var missed = 0; ; missed++)
        {
            try
            {
                return await look();
            }
            catch (TimeoutException) when (missed + 1 < MissedLooks)
            {
            }
        }
    }

    private ISweepGrain Sweep(string name) => grains.GetGrain<ISweepGrain>(name);
}
