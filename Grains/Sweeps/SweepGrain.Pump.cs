using Orleans.Runtime.Placement;
using Orleans.Storage;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Planning;
using SparseGrid.Grains.Slots;

namespace SparseGrid.Grains.Sweeps;

/// <summary>The pump: looks after silent runs, starts what can start, stores what has changed, ends the sweep.</summary>
public sealed partial class SweepGrain
{
    /// <inheritdoc/>
    public Task VariantReached(VariantReport report)
    {
        // Interleaves with the pump, which may wait for this very variant: so nothing is awaited here, and the pump does the rest.
        if (board is null || !board.Has(report.Variant)
            || (heard.TryGetValue(report.Variant, out var last) && (report.Epoch, report.Sequence).CompareTo(last) <= 0))
            return Task.CompletedTask;

        heard[report.Variant] = (report.Epoch, report.Sequence);
        if (board.StateOf(report.Variant) is TrialState.Finished or TrialState.Failed)
            return Task.CompletedTask;

        Count(Own.Executed, report.StagesExecuted);
        Count(Own.Reused, report.StagesReused);
        if (report.Outcome is null)
            Watch(report);
        else
            Settle(report.Variant, report.Outcome, report.Address);

        Own.Revision++;
        dirty |= report.Outcome is not null || report.StagesExecuted.Length + report.StagesReused.Length > 0;
        if (report.Outcome is not null)
            WakePump();

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task SlotsFreed()
    {
        WakePump();
        return Task.CompletedTask;
    }

    private async Task Pump()
    {
        try
        {
            if (Own.State == SweepState.Stopped)
                await StopTheRunning();

            await AskForTheSilent();
            if (Own.State == SweepState.Active)
                await Launch();
            else
                Tell(null);

            await EndWhereDone();
            if (dirty)
                await Write();

            if (Own.State != SweepState.Active && running.Count == 0)
            {
                pump?.Dispose();
                pump = null;
            }
        }
        catch (InconsistentStateException conflict)
        {
            // Another activation has written: this one is not the sweep any more.
            LogSuperseded(conflict);
            DeactivateOnIdle();
        }
        catch (Exception fault) when (Transient.Is(fault))
        {
            // Looked at again with the next tick, until it works.
            LogPumpFailed(fault);
            Tell($"the sweep cannot go on for now: {RootOf(fault)}");
        }
    }

    private void Watch(VariantReport report)
    {
        if (!running.TryGetValue(report.Variant, out var run))
        {
            // It runs on for another sweep.
            if (!UnderWay)
                return;

            running[report.Variant] = run = new();
        }

        (run.Silo, run.Address, run.Progress, run.Heard) = (report.Silo, report.Address, report.Progress ?? run.Progress, clock.GetTimestamp());
        if (board!.StateOf(report.Variant) == TrialState.Waiting)
        {
            board.Run(report.Variant);
            dirty = true;
        }
    }

    private void Settle(VariantId variant, RunOutcome outcome, SiloAddress? silo)
    {
        running.Remove(variant);
        if (outcome.Kind == RunEnd.Finished)
        {
            lost.Remove(variant);
            retries!.Forget(board!.TrialOf(variant).Index);
            board.Finish(variant, reused: false);
        }
        else if (outcome.Kind == RunEnd.Failed)
        {
            Fail(variant, outcome, silo);
        }
        else
        {
            board!.Wait(variant);
        }
    }

    /// <summary>Lets the runs of a stopped sweep end. One that could not be told is told again with the next look.</summary>
    private async Task StopTheRunning()
    {
        var atOnce = stopBy <= clock.GetElapsedTime(0);
        foreach (var variant in running.Keys.ToArray())
        {
            try
            {
                // Where nothing runs, or runs on for another sweep, no last report will come.
                var run = GrainFactory.GetGrain<IVariantGrain>(variant.Value);
                if (!await (atOnce ? run.StopNow(Name) : run.Stop(Name)) && running.Remove(variant))
                {
                    board!.Wait(variant);
                    Changed();
                }
            }
            catch (Exception lost) when (Transient.Is(lost))
            {
                LogStopLost(lost, variant);
            }
        }
    }

    /// <summary>A run that nothing was heard of is finished, or is started again: the start joins it where it lives.</summary>
    private async Task AskForTheSilent()
    {
        foreach (var variant in running.Where(run => IsSilent(run.Value)).Select(run => run.Key).Take(CallsAtOnce).ToArray())
        {
            var result = lost.Contains(variant) ? null : await Result(variant);
            if (!running.TryGetValue(variant, out var run) || !IsSilent(run))
                continue;

            LogSilent(variant, result is not null);
            running.Remove(variant);
            if (result is null)
                board!.Wait(variant);
            else
                board!.Finish(variant, reused: false);

            Changed();
        }
    }

    private async Task Launch()
    {
        var spec = Own.Spec!;
        var startable = board!.Ready().Where(trial => !Rests(trial)).Take(Math.Min(CallsAtOnce, TrialsLeft())).ToArray();
        if (startable.Length == 0 || WallIsUsedUp())
        {
            Tell(null);
            return;
        }

        // Asked for first, so that no slot comes free unseen between the two calls.
        var broker = GrainFactory.GetGrain<ISlotBrokerGrain>(0);
        await broker.Watch(Name);
        var again = startable.ToLookup(trial => !retries!.Avoided(trial.Index).IsEmpty);
        await LaunchElsewhere(again[true]);
        var ready = new Queue<PlannedVariant>(again[false]);
        foreach (var silo in await broker.Reserve(spec.Numerics.Device, ready.Count))
        {
            var slotTaken = false;
            while (!slotTaken && Own.State == SweepState.Active && ready.TryDequeue(out var trial))
            {
                if (board.StateOf(trial.Variant) != TrialState.Waiting)
                    continue;

                // Another sweep may have committed it meanwhile.
                if (!lost.Contains(trial.Variant) && await Result(trial.Variant) is not null)
                {
                    board.Finish(trial.Variant, reused: true);
                    Changed();
                    WakePump();
                    continue;
                }

                slotTaken = await Start(trial, silo);
            }

            if (!slotTaken)
                await broker.Release(silo);
        }

        await LookForTrouble();
    }

    /// <summary>Starts a variant on a reserved slot.</summary>
    /// <returns>True where the slot was taken; false where the run lives elsewhere or could not start, so that the slot is there for the next.</returns>
    private async Task<bool> Start(PlannedVariant trial, SiloAddress silo)
    {
        var (spec, inputs) = (Own.Spec!, Own.Inputs!);
        var assignment = new Assignment(
            trial.Variant, trial.Recipe, Name, spec.Data, spec.Measure, KeyOf(trial.Variant, spec, inputs),
            trial.Parent < 0 ? null : KeyOf(board!.Plan[trial.Parent].Variant, spec, inputs),
            trial.Dense < 0 || trial.Dense == trial.Index ? null : KeyOf(board!.Plan[trial.Dense].Variant, spec, inputs),
            silo, trial.AfterStages);

        // Marked first: a short run may report its end before this call returns.
        board!.Run(trial.Variant);
        running[trial.Variant] = new() { Heard = clock.GetTimestamp() };
        Changed();
        try
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
            var answer = await GrainFactory.GetGrain<IVariantGrain>(trial.Variant.Value).Start(assignment);
            if (answer.Failure is { } failure)
            {
                running.Remove(trial.Variant);
                Fail(trial.Variant, failure, silo: null, final: true);
            }
            else if (!answer.Started)
            {
                LogRefused(trial.Path, trial.Variant, answer.Reason);
                Unstart(trial.Variant);
            }

            if (answer.Started && running.TryGetValue(trial.Variant, out var run))
                run.Address = answer.Silo;

            return answer is { Started: true, Joined: false };
        }
        catch (Exception failed) when (Transient.Is(failed))
        {
            // The run may have started all the same; then its first report says so.
            LogStartFailed(failed, trial.Path, trial.Variant);
            Unstart(trial.Variant);
            return false;
        }
        finally
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }

    private void Unstart(VariantId variant)
    {
        if (running.TryGetValue(variant, out var run) && run.Progress is null && running.Remove(variant))
            board!.Wait(variant);
    }

    private async Task EndWhereDone()
    {
        if (UnderWay && running.Count == 0)
        {
            if (board!.Count(TrialState.Waiting) == 0)
                await End(SweepState.Finished);
            else if (Own.State == SweepState.Paused)
                return;
            else if (TrialsLeft() == 0 || WallIsUsedUp())
                await End(SweepState.BudgetReached);
        }
    }

    private async Task End(SweepState state)
    {
        (Own.State, Own.Ended) = (state, Own.Submitted + Spent());
        Changed();
        await Write();
        await Unremind();
        await NoteInIndex();
        LogEnded(state, Count(TrialState.Finished), Count(TrialState.Failed), Count(TrialState.Waiting));
    }

    private Task NoteInIndex()
    {
        var index = GrainFactory.GetGrain<ISweepIndexGrain>(0);
        return UnderWay ? index.Entered(Name) : index.Left(Name);
    }

    private async Task Unremind()
    {
        if (await this.GetReminder(Reminder) is { } reminder)
            await this.UnregisterReminder(reminder);
    }

    private async Task Write()
    {
        dirty = false;
        try
        {
            await sweep.WriteStateAsync();
        }
        catch
        {
            dirty = true;
            throw;
        }
    }

    private void StartPump() => pump ??= this.RegisterGrainTimer(
        Pump, new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = options.Value.SweepPeriod, KeepAlive = true });

    private void WakePump() => pump?.Change(TimeSpan.Zero, options.Value.SweepPeriod);

    private void Changed()
    {
        Own.Revision++;
        dirty = true;
    }

    private int TrialsLeft() => Own.Spec!.Budget.Trials is { } most ? Math.Max(0, most - board!.Spent) : int.MaxValue;

    private bool WallIsUsedUp() => Own.Spec!.Budget.Wall is { } wall && Spent() >= wall;

    /// <summary>True where nothing was heard for long, or will be heard again: its silo is lost.</summary>
    private bool IsSilent(WatchedRun run) =>
        run.Heard is not { } heard || clock.GetElapsedTime(heard) >= options.Value.SilenceLimit
        || (run.Address is { } silo && membership.CurrentSnapshot.GetSiloStatus(silo) == SiloStatus.Dead);

    /// <summary>Time since the submission: elapsed time since this activation took over, which setting the machine's clock does not change.</summary>
    private TimeSpan Spent() => spentBefore + clock.GetElapsedTime(countedFrom);

    private void CountTimeFrom(DateTimeOffset submitted)
    {
        var before = clock.GetUtcNow() - submitted;
        (spentBefore, countedFrom) = (before > TimeSpan.Zero ? before : TimeSpan.Zero, clock.GetTimestamp());
    }

    private static void Count(SortedDictionary<string, int> counts, IEnumerable<string> kinds)
    {
        foreach (var kind in kinds)
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
    }
}
