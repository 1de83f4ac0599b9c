using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Identity;
using SparseGrid.Grains.Placement;
using SparseGrid.Grains.Planning;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Sweeps;

/// <summary>
/// Coordinates one sweep: starts what can start where slots are free, folds what variants report, and stores where each trial stands.
/// The rules over trials are <see cref="TrialBoard"/>'s; the pump that applies them is in <c>SweepGrain.Pump.cs</c>, what a user asks of it in <c>SweepGrain.Verbs.cs</c>.
/// </summary>
[GrainType("sweep"), OnRole(SiloRole.Control)]
public sealed partial class SweepGrain(
    [PersistentState("sweep")] IPersistentState<SweepRecord> sweep,
    IPlanInputs planInputs,
    IArtifactStore artifacts,
    SweepAdmission admission,
    IClusterMembershipService membership,
    IOptions<GridOptions> options,
    TimeProvider clock,
    ILogger<SweepGrain> logger) : Grain, ISweepGrain, IRemindable
{
    private const int RowsAtMost = 500;
    private const int CallsAtOnce = 64;
    private const string Reminder = "sweep";

    // The shortest period that reminders allow.
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);

    private readonly Dictionary<VariantId, WatchedRun> running = [];
    private readonly Dictionary<VariantId, (int Epoch, long Sequence)> heard = [];
    private readonly Dictionary<string, VariantResult> results = new(StringComparer.Ordinal);
    private readonly HashSet<VariantId> lost = [];
    private TrialBoard? board;
    private IGrainTimer? pump;
    private bool dirty;
    private TimeSpan? stopBy; // By elapsed time; null where nothing is to stop.
    private TimeSpan spentBefore;
    private long countedFrom;

    private string Name => this.GetPrimaryKeyString();

    private SweepRecord Own => sweep.State;

    private bool UnderWay => Own.State is SweepState.Active or SweepState.Paused;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Own is not { Spec: { } spec, Inputs: { } inputs })
            return;

        var plan = Planner.Plan(spec, inputs.Data, inputs.Numerics, inputs.Model?.Settings);
        if (plan.Length != Own.Trials.Length)
        {
            // Stored by a version that planned otherwise: what was reached is in the results, and a new submission finds it there.
            LogPlanChanged(Own.Trials.Length, plan.Length);
            Own.Trials = new byte[plan.Length];
            Own.Failures.Clear();
            Own.Attempts.Clear();
            Own.State = UnderWay ? SweepState.Stopped : Own.State;
        }

        // Readers compare revisions across activations too; a change is never faster than a millisecond for long.
        Own.Revision = Math.Max(Own.Revision + 1, clock.GetUtcNow().ToUnixTimeMilliseconds());
        CountTimeFrom(Own.Submitted);
        (board, retries) = (new(plan, Own.Trials, Own.Failures), new(Own.Attempts, options.Value));
        foreach (var variant in board.Running.ToArray())
        {
            // The pump asks for these first; where none is to run, a run that lives on will report.
            if (UnderWay)
                running[variant] = new();
            else
                board.Wait(variant);
        }

        if (UnderWay && (options.Value.ResumeUnasked || admission.Admits(Name)))
            StartPump();

        await base.OnActivateAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<SweepPlan> Plan(SweepSpec spec)
    {
        var inputs = await planInputs.For(spec);
        var plan = Planner.Plan(spec, inputs.Data, inputs.Numerics, inputs.Model?.Settings);
        var done = await Committed(plan.Select(trial => trial.Variant).Distinct(), spec, inputs);
        return new(spec.Sweep, [.. plan.Select(trial => trial.Shown(done.Contains(trial.Variant)))], inputs.Model);
    }

    /// <inheritdoc/>
    public async Task<SubmitAnswer> Submit(SweepSpec spec)
    {
        if (spec.Sweep != Name)
            return new(false, $"The spec names sweep '{spec.Sweep}', and it was sent to sweep '{Name}'; send it to the sweep that it names.");

        PlanInputs inputs;
        try
        {
            inputs = await planInputs.For(spec);
        }
        catch (Exception refused) when (refused is StageFailedException or IOException or InvalidDataException)
        {
            return new(false, refused.Message);
        }

        // Active without a pump: left so by a process that has ended, and another spec may take its place.
        var same = Own.Spec is { } own && inputs == Own.Inputs && SpecDifference.Between(own, spec).Count == 0;
        if (Own.State == SweepState.Paused && same)
            await Become(SweepState.Active);
        if (UnderWay && (same || pump is not null))
            return await Join(spec, inputs);

        var caution = ChangedData(spec, inputs) ?? ChangedModel(spec, inputs);
        await Begin(spec, inputs);
        admission.Admit(Name);
        var (trials, reused) = (board!.Plan.Length, board.Count(TrialState.Finished));
        if (Own.State == SweepState.Finished)
            return new(true, $"all {trials} trials are done already", caution);

        StartPump();
        return new(true, reused == 0 ? $"started: {trials} trials" : $"started: {trials} trials, {reused} of them done already", caution);
    }

    /// <inheritdoc/>
    public Task<SweepStatus> Status()
    {
        var variants = board is null ? [] : running
            .Where(run => run.Value.Progress is not null)
            .Select(run => (board.TrialOf(run.Key), run.Value))
            .OrderBy(run => run.Item1.Index)
            .Select(run => Shown(run.Item1, run.Value))
            .ToImmutableArray();
        return Task.FromResult(new SweepStatus(
            Name, Own.State, Own.Revision, Own.Trials.Length, Count(TrialState.Waiting), Count(TrialState.Running), Count(TrialState.Finished),
            Count(TrialState.Failed), board?.Reused ?? 0, variants, Own.Executed.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Own.Reused.ToImmutableSortedDictionary(StringComparer.Ordinal), Own.Submitted, Own.Ended, FailedBy(), Retrying(), trouble));
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<TrialRow>> Rows(int from, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (board is null)
            return [];

        var rows = board.Plan.Skip(from).Take(Math.Min(count, RowsAtMost))
            .Select(trial => (Trial: trial, State: board[trial.Index], Reused: board.IsReused(trial.Index), Failure: board.FailureOf(trial.Index)))
            .ToArray();
        var found = await Task.WhenAll(
            rows.Select(row => row.State == TrialState.Finished ? Result(row.Trial.Variant) : Task.FromResult<VariantResult?>(null)));
        return [.. rows.Zip(found, (row, result) => new TrialRow(
            row.Trial.Index, row.Trial.Path, row.Trial.Recipe.Kind, row.Trial.Variant, row.Trial.Parent, row.Trial.Recipe.Seed,
            row.State, row.Reused, row.Failure, result, ShownClass(row.Trial.Index), ShownAttempts(row.Trial)))];
    }

    /// <inheritdoc/>
    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        // The tick has activated the sweep, which is all that it is for.
        if (!UnderWay)
            await Unremind();
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
            Changed();

            // Perhaps it ended between its record and these.
            await Enlist();
        }

        admission.Admit(Name);
        StartPump();
        return new(true, $"joined: {Count(TrialState.Finished)} of {Own.Trials.Length} trials are finished");
    }

    private async Task Begin(SweepSpec spec, PlanInputs inputs)
    {
        var plan = Planner.Plan(spec, inputs.Data, inputs.Numerics, inputs.Model?.Settings);
        (Own.Spec, Own.Inputs) = (spec, inputs);
        (Own.Trials, Own.Failures, Own.Attempts, Own.Executed, Own.Reused) = (new byte[plan.Length], [], [], [], []);
        (Own.Submitted, Own.Ended) = (clock.GetUtcNow(), null);
        CountTimeFrom(Own.Submitted);
        running.Clear();
        results.Clear();
        (board, retries, trouble, stopBy) = (new(plan, Own.Trials, Own.Failures), new(Own.Attempts, options.Value), null, null);
        foreach (var variant in await Whole(await Committed(board.Variants, spec, inputs), plan))
            board.Finish(variant, reused: true);

        Own.State = board.Count(TrialState.Waiting) > 0 ? SweepState.Active : SweepState.Finished;
        Own.Ended = Own.State == SweepState.Finished ? Own.Submitted : null;
        Changed();
        await Write();
        await Enlist();
        LogBegun(plan.Length, board.Reused);
    }

    /// <summary>Makes sure that a sweep under way is woken wherever its coordinator is lost.</summary>
    private async Task Enlist()
    {
        if (UnderWay)
            await this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod);
        await NoteInIndex();
    }

    private async Task<HashSet<VariantId>> Committed(IEnumerable<VariantId> variants, SweepSpec spec, PlanInputs inputs)
    {
        var committed = new HashSet<VariantId>();
        foreach (var window in variants.Chunk(CallsAtOnce))
        {
            var found = await Task.WhenAll(window.Select(variant => GrainFactory.GetGrain<IResultGrain>(KeyOf(variant, spec, inputs)).Get()));
            committed.UnionWith(window.Where((_, i) => found[i] is not null));
        }

        return committed;
    }

    /// <summary>
    /// Those of the committed variants whose artifacts are there; the others run again, which serves what is whole and makes what is lost. What a variant
    /// still to run starts from or is compared with is read in full; of the rest only that the files are there.
    /// </summary>
    private async Task<HashSet<VariantId>> Whole(HashSet<VariantId> committed, ImmutableArray<PlannedVariant> plan)
    {
        var needed = new HashSet<VariantId>();
        lost.Clear();

        // A trial comes after those it needs, so one pass from the end sees each after all that need it.
        foreach (var trial in plan.Reverse())
        {
            if (committed.Contains(trial.Variant) && await Result(trial.Variant) is { } result)
            {
                var hashes = result.Stages.SelectMany(stage => stage.Artifacts.Values).Distinct();
                var missing = needed.Contains(trial.Variant)
                    ? await Task.Run(() => hashes.FirstOrDefault(hash => !artifacts.Holds(hash)))
                    : hashes.FirstOrDefault(hash => !artifacts.Exists(hash));
                if (missing is null)
                    continue;

                LogArtifactLost(trial.Path, trial.Variant, artifacts.Locate(missing));
                committed.Remove(trial.Variant);
                lost.Add(trial.Variant);
            }

            if (trial.Parent >= 0)
                needed.UnionWith([plan[trial.Parent].Variant, plan[trial.Dense].Variant]);
        }

        return committed;
    }

    private async Task<VariantResult?> Result(VariantId variant)
    {
        var key = KeyOf(variant, Own.Spec!, Own.Inputs!);
        if (results.TryGetValue(key, out var known))
            return known;

        var result = await GrainFactory.GetGrain<IResultGrain>(key).Get();
        if (result is not null && results.Count < 2 * RowsAtMost)
            results[key] = result;

        return result;
    }

    private int Count(TrialState state) => board?.Count(state) ?? 0;

    private static string KeyOf(VariantId variant, SweepSpec spec, PlanInputs inputs) =>
        ResultKey.Of(variant, spec.Measure, inputs.RuntimeVersion, inputs.DeviceFingerprint);

    private static RunningVariant Shown(PlannedVariant trial, WatchedRun run) => new(
        trial.Variant, trial.Path, run.Silo, run.Progress!.Stage, run.Progress.Done, run.Progress.Total, run.Progress.Unit, run.Progress.Top1,
        run.Progress.Remaining);
}
