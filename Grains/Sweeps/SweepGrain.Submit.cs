using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Sweeps;

/// <summary>How a sweep begins, is joined, or is refused.</summary>
public sealed partial class SweepGrain
{
    /// <inheritdoc/>
    public async Task<SubmitAnswer> Submit(SweepSpec spec)
    {
        if (spec.Sweep != Name)
            return new(false, $"The spec names sweep '{spec.Sweep}', and it was sent to sweep '{Name}'; send it to the sweep that it names.");

        LogSubmitted(Name);
        var (found, refusal) = await InputsOf(spec);
        if (found is not { } inputs)
            return new(false, refusal);

        // Active without a pump: left so by a process that has ended, and another spec may take its place.
        var same = Own.Spec is { } own && inputs == Own.Inputs && SpecDifference.Between(own, spec).Count == 0;
        if (Own.State == SweepState.Paused && same)
            await Become(SweepState.Active);
        if (UnderWay && (same || pump is not null))
            return await Join(spec, inputs);

        var caution = ChangedData(spec, inputs) ?? ChangedModel(spec, inputs);
        await Begin(spec, inputs);
        admission.Admit(Name);
        var (trials, reused) = (Trials, Count(TrialState.Finished));
        if (Own.State == SweepState.Finished)
            return new(true, $"all {trials} trials are done already", caution);

        StartPump();
        return new(true, reused == 0 ? $"started: {trials} trials" : $"started: {trials} trials, {reused} of them done already", caution);
    }

    private async Task<(PlanInputs? Inputs, string Refusal)> InputsOf(SweepSpec spec)
    {
        try
        {
            return (await planInputs.For(spec), "");
        }
        catch (Exception refused) when (refused is StageFailedException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return (null, refused.Message);
        }
    }

    private string? ChangedData(SweepSpec spec, PlanInputs inputs) =>
        Own is { Spec: { } before, Inputs.Data.Digest: { } digest } && before.Data == spec.Data && digest != inputs.Data.Digest
            ? $"the data have changed since sweep '{Name}' was submitted last: their digest was {digest[..12]}…, it is {inputs.Data.Digest[..12]}…. "
                + "All its variants are new ones; results from the former data are kept for them."
            : null;

    private string? ChangedModel(SweepSpec spec, PlanInputs inputs) =>
        Own is { Spec.Source: { } before, Inputs.Model: { } model } && before == spec.Source && model != inputs.Model
            ? $"{before.Path} has changed since sweep '{Name}' was submitted last: it holds another network or other weights. "
                + "All its variants are new ones; results of the former file are kept for it."
            : null;

    private async Task<SubmitAnswer> Join(SweepSpec spec, PlanInputs inputs)
    {
        if (SpecDifference.Between(Own.Spec!, spec) is { Count: > 0 } differences)
        {
            return new(false,
                $"Sweep '{Name}' is active with another spec: {string.Join("; ", differences.Take(5))}"
                + $"{(differences.Count > 5 ? $" and {differences.Count - 5} more" : "")}. Stop it first, or give this one another name.");
        }

        if (inputs != Own.Inputs)
        {
            return new(false,
                $"Sweep '{Name}' is active, and what it was planned with has changed since: {Own.Inputs} → {inputs}. Stop it, then submit it again.");
        }

        // Left active by a process that has ended: the time in between is nobody's, so the budget of wall time begins anew.
        if (pump is null)
        {
            Own.Submitted = clock.GetUtcNow();
            CountTimeFrom(Own.Submitted);
            recordChanged = true;
            Own.Revision++;

            // Perhaps it ended between its record and these.
            await Enlist();
        }

        admission.Admit(Name);
        StartPump();
        return new(true, $"joined: {Count(TrialState.Finished)} of {Trials} trials are finished");
    }

    private async Task Begin(SweepSpec spec, PlanInputs inputs)
    {
        var plan = await Planned(spec, inputs);
        var (done, damaged) = await Task.Run(() => new CommittedTrials(results, artifacts).Whole(plan, variant => KeyOf(variant, spec, inputs)));
        await pages.Reserve(plan.Length);

        // From here to the write nothing is awaited: reports of former runs that come in between meet the old sweep or the new one.
        if (Own is { Spec: { } before, Inputs: { } with } && (with != inputs || SpecDifference.Between(before, spec).Count > 0))
            Own.Former = new(before, with, Own.Submitted);
        (Own.Spec, Own.Inputs, Own.Submission) = (spec, inputs, Math.Max(Own.Submission + 1, clock.GetUtcNow().ToUnixTimeMilliseconds()));
        (Own.Trials, Own.Failures, Own.Attempts, Own.Executed, Own.Reused) = ([], [], [], [], []);
        (Own.Submitted, Own.Ended) = (clock.GetUtcNow(), null);
        CountTimeFrom(Own.Submitted);
        running.Clear();
        lost.Clear();
        unanswered.Clear();
        pages.Begin(Own.Submission, plan.Length);
        (board, retries) = (new(plan, pages.States, pages.Failures, pages.Touch), new(pages.Attempts, options.Value));
        (trouble, stopBy) = (null, null);
        foreach (var variant in done)
            board.Finish(variant, reused: true);
        foreach (var (trial, file) in damaged)
        {
            LogArtifactLost(trial.Path, trial.Variant, file);
            lost.Add(trial.Variant);
        }

        Own.State = board.Count(TrialState.Waiting) > 0 ? SweepState.Active : SweepState.Finished;
        Own.Ended = Own.State == SweepState.Finished ? Own.Submitted : null;
        Own.Revision++;
        await WriteRecord();
        await WritePages();
        await Enlist();
        LogBegun(plan.Length, board.Reused);
    }

    /// <summary>Makes sure that a sweep under way is woken wherever its coordinator is lost.</summary>
    private async Task Enlist()
    {
        if (UnderWay)
            await this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod);
        await NoteInIndex();
        LogCoordinated(Name);
    }
}
