using Orleans.Storage;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Slots;

namespace SparseGrid.Grains.Sweeps;

/// <summary>The pump: looks after silent runs, starts what can start, stores what has changed, ends the sweep.</summary>
public sealed partial class SweepGrain
{
    // Often enough that little is asked again after a crash, and seldom enough that a page of short trials is not written for each of them.
    private static readonly TimeSpan WritePeriod = TimeSpan.FromMilliseconds(250);

    private bool recordChanged;
    private bool indexChanged;
    private long? written;

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

            // In this order, as in End: a record that says that the sweep has ended has its pages.
            if (running.Count == 0 || written is not { } last || clock.GetElapsedTime(last) >= WritePeriod)
                await WritePages();
            if (recordChanged)
                await WriteRecord();
            if (indexChanged)
                await NoteInIndex();

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
#pragma warning disable CA1031 // Whatever it is: nobody waits for this call, and who watches is to know why nothing goes on.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            // Looked at again with the next tick, until it works.
            LogPumpFailed(fault);
            Tell($"the sweep cannot go on for now: {RootOf(fault)}");
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
                    Own.Revision++;
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
        var silent = running.Where(run => IsSilent(run.Value)).Select(run => run.Key).Take(CallsAtOnce).ToArray();
        if (silent.Length == 0)
            return;

        foreach (var (variant, result) in silent.Zip(await ResultsOf(silent)))
        {
            if (!running.TryGetValue(variant, out var run) || !IsSilent(run))
                continue;

            var finished = result is not null && !lost.Contains(variant);
            LogSilent(variant, finished);
            running.Remove(variant);
            if (finished)
                board!.Finish(variant, reused: false);
            else
                board!.Wait(variant);

            Own.Revision++;
        }
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

    // What of it fails, the next look makes up for.
    private async Task End(SweepState state)
    {
        (Own.State, Own.Ended) = (state, Own.Submitted + Spent());
        (recordChanged, indexChanged) = (true, true);
        Own.Revision++;
        await WritePages();
        await WriteRecord();
        await NoteInIndex();
        await Unremind();
        LogEnded(state, Count(TrialState.Finished), Count(TrialState.Failed), Count(TrialState.Waiting));
    }

    private async Task NoteInIndex()
    {
        indexChanged = true;
        var index = GrainFactory.GetGrain<ISweepIndexGrain>(0);
        await (UnderWay ? index.Entered(Name) : index.Left(Name));
        indexChanged = false;
    }

    private async Task Unremind()
    {
        if (await this.GetReminder(Reminder) is { } reminder)
            await this.UnregisterReminder(reminder);
    }

    private async Task WritePages()
    {
        if (!pages.Changed)
            return;

        written = clock.GetTimestamp();
        await pages.Write();

        // Taken over into pages: from now on these are what is read.
        if (Own.Trials.Length > 0)
        {
            (Own.Trials, Own.Failures, Own.Attempts) = ([], [], []);
            await WriteRecord();
        }
    }

    private async Task WriteRecord()
    {
        recordChanged = true;
        await sweep.WriteStateAsync();
        recordChanged = false;
    }

    private void StartPump() => pump ??= this.RegisterGrainTimer(
        Pump, new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = options.Value.SweepPeriod, KeepAlive = true });

    private void WakePump() => pump?.Change(TimeSpan.Zero, options.Value.SweepPeriod);

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
}
