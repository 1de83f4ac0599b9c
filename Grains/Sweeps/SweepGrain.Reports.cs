using System.Collections.Immutable;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Grains.Sweeps;

/// <summary>News of variants. Interleaves with the pump, which may wait for these very variants: so nothing is awaited here, and the pump does the rest.</summary>
public sealed partial class SweepGrain
{
    /// <inheritdoc/>
    public Task VariantReached(VariantReport report) => VariantsReached([report]);

    /// <inheritdoc/>
    public Task VariantsReached(ImmutableArray<VariantReport> reports)
    {
        var ended = false;
        foreach (var report in reports)
            ended |= Take(report);
        if (ended)
            WakePump();

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task SlotsFreed()
    {
        WakePump();
        return Task.CompletedTask;
    }

    /// <returns>True where a run has ended by it.</returns>
    private bool Take(VariantReport report)
    {
        if (board is null || !board.Has(report.Variant)
            || (heard.TryGetValue(report.Variant, out var last) && (report.Epoch, report.Sequence).CompareTo(last) <= 0))
            return false;

        heard[report.Variant] = (report.Epoch, report.Sequence);
        if (board.StateOf(report.Variant) is TrialState.Finished or TrialState.Failed)
            return false;

        pages.Count(board.TrialOf(report.Variant).Index, report.StagesExecuted, report.StagesReused);
        if (report.Outcome is null)
            Watch(report);
        else
            Settle(report.Variant, report.Outcome, report.Address);

        Own.Revision++;
        return report.Outcome is not null;
    }

    private void Watch(VariantReport report)
    {
        if (!running.TryGetValue(report.Variant, out var run))
        {
            // It runs on for another sweep, unless its start had no answer: then it was not told of the stop either.
            if (!UnderWay && !unanswered.Remove(report.Variant))
                return;

            running[report.Variant] = run = new();
            StartPump();
        }

        (run.Silo, run.Address, run.Progress, run.Heard) = (report.Silo, report.Address, report.Progress ?? run.Progress, clock.GetTimestamp());
        if (board!.StateOf(report.Variant) == TrialState.Waiting)
            board.Run(report.Variant);
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
}
