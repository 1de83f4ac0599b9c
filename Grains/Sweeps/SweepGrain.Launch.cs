using Orleans.Runtime.Placement;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Planning;

namespace SparseGrid.Grains.Sweeps;

/// <summary>How variants are started: as many as slots are free, the longest way to a leaf first, all of them at once.</summary>
public sealed partial class SweepGrain
{
    private async Task Launch()
    {
        var startable = board!.Ready().Where(trial => !Rests(trial)).Take(Math.Min(CallsAtOnce, TrialsLeft())).ToArray();
        if (startable.Length == 0 || WallIsUsedUp())
        {
            Tell(null);
            return;
        }

        // Asked for first, so that no slot comes free unseen between the two calls.
        var broker = GrainFactory.GetGrain<ISlotBrokerGrain>(0);
        await broker.Watch(Name);
        var again = startable.ToLookup(IsToAvoidSilos);
        await LaunchElsewhere(again[true], broker);
        var wanted = again[false].Count();
        var free = new Queue<SiloAddress>(wanted == 0 ? [] : await broker.Reserve(Own.Spec!.Numerics.Device, wanted));
        var none = free.Count == 0;
        while (free.Count > 0 && Own.State == SweepState.Active)
        {
            var ready = board.Ready().Where(trial => !Rests(trial) && !IsToAvoidSilos(trial)).Take(Math.Min(free.Count, TrialsLeft())).ToArray();
            if (ready.Length == 0)
                break;

            // Another sweep may have committed one meanwhile.
            var known = await ResultsOf(ready.Select(trial => trial.Variant));
            for (var i = 0; i < ready.Length && Own.State == SweepState.Active; i++)
            {
                if (board.StateOf(ready[i].Variant) != TrialState.Waiting)
                    continue;

                if (known[i] is not null && !lost.Contains(ready[i].Variant))
                {
                    board.Finish(ready[i].Variant, reused: true);
                    Own.Revision++;
                    WakePump();
                    continue;
                }

                Launch(ready[i], free.Dequeue(), broker);
            }
        }

        foreach (var silo in free)
            await broker.Release(silo);
        if (none || trouble is not null)
            await LookForTrouble();
    }

    private void Launch(PlannedVariant trial, SiloAddress silo, ISlotBrokerGrain broker)
    {
        // Marked first: a short run may report its end before the call that starts it returns.
        board!.Run(trial.Variant);
        running[trial.Variant] = new() { Heard = clock.GetTimestamp() };
        Own.Revision++;
        StartOn(trial, silo, broker).Ignore();
    }

    // Not awaited by the pump: a silo that does not answer is no reason to leave the others' slots empty.
    private async Task StartOn(PlannedVariant trial, SiloAddress silo, ISlotBrokerGrain broker)
    {
        var taken = false;
        try
        {
            taken = await Start(trial, silo);
        }
#pragma warning disable CA1031 // Nobody waits for this task: what it does not tell is told nowhere.
        catch (Exception failed)
#pragma warning restore CA1031
        {
            // The run may have started all the same; then its first report says so.
            LogStartFailed(failed, trial.Path, trial.Variant);
            unanswered.Add(trial.Variant);
            Unstart(trial.Variant);
        }

        if (!taken)
            await broker.Release(silo);
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

        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        var answer = await GrainFactory.GetGrain<IVariantGrain>(trial.Variant.Value).Start(assignment);
        unanswered.Remove(trial.Variant);
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

    private void Unstart(VariantId variant)
    {
        if (running.TryGetValue(variant, out var run) && run.Progress is null && running.Remove(variant))
            board!.Wait(variant);
    }
}
