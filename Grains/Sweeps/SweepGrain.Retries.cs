using System.Collections.Immutable;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Planning;

namespace SparseGrid.Grains.Sweeps;

/// <summary>What becomes of variants that failed: they run again as <see cref="FailurePolicy"/> says, elsewhere where it says so, or when a user asks.</summary>
public sealed partial class SweepGrain
{
    private RetryLedger? retries;
    private string? trouble;

    private TimeSpan Elapsed => clock.GetElapsedTime(0);

    /// <inheritdoc/>
    public async Task<SubmitAnswer> Retry(ImmutableArray<FailureClass> classes)
    {
        if (Own.Spec is not { } spec || board is null)
            return new(false, NotUnderWay("retried"));
        if (Count(TrialState.Failed) == 0)
            return new(false, $"No trial of sweep '{Name}' has failed.");
        if (!UnderWay && classes.IsEmpty)
            return await Submit(spec);

        var meant = pages.Failures.Keys.Where(trial => classes.IsEmpty || classes.Contains(ClassOf(trial))).ToHashSet();
        if (meant.Count == 0)
        {
            return new(false,
                $"No trial of sweep '{Name}' has failed by {string.Join(" or ", classes.Select(asked => asked.Name()))}; there are "
                + $"{string.Join(", ", pages.Failures.Keys.GroupBy(ClassOf).Select(group => $"{group.Count()} by {group.Key.Name()}"))}.");
        }

        if (!UnderWay)
        {
            var (inputs, refusal) = await InputsOf(spec);
            if (inputs is null)
                return new(false, refusal);
            if (inputs != Own.Inputs)
                return new(false, $"What sweep '{Name}' was planned with has changed since. Submit it again: its failed trials run, as what they are now.");
        }

        var failed = board.Retry(meant.Contains);
        foreach (var trial in meant)
            retries!.Forget(FirstOf(trial));

        if (!UnderWay)
            await GoOn();
        Own.Revision++;
        await WritePages();
        StartPump();
        WakePump();
        return new(true, $"{failed} failed trials run again");
    }

    private async Task GoOn()
    {
        (Own.State, Own.Submitted, Own.Ended) = (SweepState.Active, clock.GetUtcNow(), null);
        CountTimeFrom(Own.Submitted);
        Own.Revision++;
        await WriteRecord();
        await Enlist();
        admission.Admit(Name);
    }

    /// <summary>A run failed: its variant waits to run again, or its trials have failed.</summary>
    private void Fail(VariantId variant, RunOutcome outcome, SiloAddress? silo, bool final = false)
    {
        var trial = board!.TrialOf(variant);
        var (failure, message) = (outcome.Class ?? FailureClass.Code, outcome.Failure ?? "no reason was given");
        if (retries!.RunsAgain(trial.Index, failure, silo, Elapsed) && !final)
        {
            board.Wait(variant);
            LogRunsAgain(trial.Path, variant, retries.Count(trial.Index), failure.Words(), message);
            return;
        }

        board.Fail(variant, message);
        LogFailed(trial.Path, variant, retries.Count(trial.Index), failure.Words(), message);
    }

    private bool IsToAvoidSilos(PlannedVariant trial) => !retries!.Avoided(trial.Index).IsEmpty;

    private bool Rests(PlannedVariant trial) => retries!.Rests(trial.Index, Elapsed);

    /// <summary>Starts variants that failed elsewhere, each away from the silos that it failed on where another has a slot.</summary>
    private async Task LaunchElsewhere(IEnumerable<PlannedVariant> trials, ISlotBrokerGrain broker)
    {
        foreach (var trial in trials)
        {
            if (board!.StateOf(trial.Variant) != TrialState.Waiting || Own.State != SweepState.Active)
                continue;

            if (await broker.ReserveElsewhere(Own.Spec!.Numerics.Device, retries!.Avoided(trial.Index)) is not { } silo)
                return;

            if (board.StateOf(trial.Variant) == TrialState.Waiting)
                Launch(trial, silo, broker);
            else
                await broker.Release(silo);
        }
    }

    /// <summary>Why nothing starts though trials could, where it is for silos that take nothing.</summary>
    private async Task LookForTrouble()
    {
        var closed = (await GrainFactory.GetGrain<ISlotBrokerGrain>(0).Silos()).Where(silo => silo.Closed is not null).ToArray();
        Tell(closed.Length == 0 ? null : string.Join("; ", closed.Select(silo => $"silo {silo.Name} takes nothing: {silo.Closed}")));
    }

    private void Tell(string? now)
    {
        if (now == trouble)
            return;

        trouble = now;
        Own.Revision++;
    }

    private static string RootOf(Exception fault) => fault is OrleansException { InnerException: { } cause } ? RootOf(cause) : fault.Message;

    // Attempts are kept by the variant's first trial.
    private int FirstOf(int trial) => board!.TrialOf(board.Plan[trial].Variant).Index;

    private FailureClass ClassOf(int trial) => retries!.Last(FirstOf(trial)) ?? FailureClass.Code;

    private FailureClass? ShownClass(int trial) =>
        board![trial] == TrialState.Failed && board.FailedFirst(trial) is >= 0 and var first ? ClassOf(first) : null;

    private int ShownAttempts(PlannedVariant trial) => retries!.Count(FirstOf(trial.Index));

    private ImmutableSortedDictionary<FailureClass, int>? FailedBy() => board is null || Count(TrialState.Failed) == 0
        ? null
        : Enumerable.Range(0, board.Plan.Length).Select(ShownClass).OfType<FailureClass>().CountBy(failure => failure).ToImmutableSortedDictionary();

    private int Retrying() => board is null ? 0 : pages.Attempts.Keys.Count(trial => board[trial] is TrialState.Waiting or TrialState.Running);
}
