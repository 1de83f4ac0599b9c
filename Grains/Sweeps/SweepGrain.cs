using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Providers;
using Orleans.Storage;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Identity;
using SparseGrid.Grains.Placement;
using SparseGrid.Grains.Planning;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Slots;

namespace SparseGrid.Grains.Sweeps;

/// <summary>
/// Coordinates one sweep: starts what can start where slots are free, folds what variants report, and stores where each trial stands.
/// The rules over trials are <see cref="TrialBoard"/>'s. Beside this file, which has its state and what readers ask: <c>.Submit</c> begins and joins, <c>.Verbs</c> is what a user asks
/// later, <c>.Reports</c> takes news of variants, <c>.Launch</c> starts them, and <c>.Pump</c> keeps all of it going.
/// </summary>
[GrainType("sweep"), OnRole(SiloRole.Control)]
public sealed partial class SweepGrain(
    [PersistentState("sweep")] IPersistentState<SweepRecord> sweep,
    [FromKeyedServices(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)] IGrainStorage storage,
    IPlanInputs planInputs,
    ResultIndex results,
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
    private readonly HashSet<VariantId> lost = [];
    private readonly HashSet<VariantId> unanswered = []; // Variants whose start had no answer: they may run.
    private TrialPages pages = null!;
    private TrialBoard? board;
    private IGrainTimer? pump;
    private TimeSpan? stopBy; // By elapsed time; null where nothing is to stop.
    private TimeSpan spentBefore;
    private long countedFrom;

    private string Name => this.GetPrimaryKeyString();

    private SweepRecord Own => sweep.State;

    private bool UnderWay => Own.State is SweepState.Active or SweepState.Paused;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        pages = new(storage, Name);
        if (Own is not { Spec: { } spec, Inputs: { } inputs })
            return;

        LogCoordinated(Name);
        var plan = await Planned(spec, inputs);
        await pages.Load(Own.Submission, plan.Length);
        if (Own.Trials.Length == plan.Length)
            pages.TakeOver(Own);
        else if (Own.Trials.Length > 0)
        {
            // Stored by a version that planned otherwise: what was reached is in the results, and a new submission finds it there.
            LogPlanChanged(Own.Trials.Length, plan.Length);
            Own.State = UnderWay ? SweepState.Stopped : Own.State;
        }

        // Readers compare revisions across activations too; a change is never faster than a millisecond for long.
        Own.Revision = Math.Max(Own.Revision + 1, clock.GetUtcNow().ToUnixTimeMilliseconds());
        CountTimeFrom(Own.Submitted);
        (board, retries) = (new(plan, pages.States, pages.Failures, pages.Touch), new(pages.Attempts, options.Value));
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
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // One that was superseded, or is put away for a fault, has nothing to say any more.
        if (reason.ReasonCode is not (DeactivationReasonCode.ShuttingDown or DeactivationReasonCode.ActivationIdle or DeactivationReasonCode.Migrating))
            return;

        try
        {
            await pages.Write();
            if (recordChanged)
                await WriteRecord();
        }
        catch (Exception unwritten) when (Transient.Is(unwritten))
        {
            // The results say what these pages would have said.
            LogPagesLost(unwritten);
        }
    }

    /// <inheritdoc/>
    public async Task<SweepPlan> Plan(SweepSpec spec)
    {
        var inputs = await planInputs.For(spec);
        var plan = await Planned(spec, inputs);
        var done = await Task.Run(() => new CommittedTrials(results, artifacts).Known(plan, variant => KeyOf(variant, spec, inputs)));
        return new(spec.Sweep, [.. plan.Select(trial => trial.Shown(done.Contains(trial.Variant)))], inputs.Model);
    }

    /// <inheritdoc/>
    public Task<SweepPlan?> Submitted() => Task.FromResult(
        board is not { } now ? null : new SweepPlan(Name, [.. now.Plan.Select(trial => trial.Shown(now[trial.Index] == TrialState.Finished))], Own.Inputs!.Model));

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
            Name, Own.State, Own.Revision, Trials, Count(TrialState.Waiting), Count(TrialState.Running), Count(TrialState.Finished),
            Count(TrialState.Failed), board?.Reused ?? 0, variants, Sum(Own.Executed, pages.Executed), Sum(Own.Reused, pages.Reused), Own.Submitted, Own.Ended,
            FailedBy(), Retrying(), trouble));
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<TrialRow>> Rows(int from, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (board is null || from >= board.Plan.Length)
            return [];

        var rows = board.Plan[from..Math.Min(board.Plan.Length, from + Math.Min(count, RowsAtMost))]
            .Select(trial => (
                Trial: trial, State: board[trial.Index], Reused: board.IsReused(trial.Index), Failure: board.FailureOf(trial.Index), Class: ShownClass(trial.Index),
                Attempts: ShownAttempts(trial)))
            .ToArray();

        // What is waited for here may last until another plan is in place: of the board nothing is asked from now on.
        var finished = rows.Where(row => row.State == TrialState.Finished).Select(row => row.Trial.Variant).Distinct().ToArray();
        var found = finished.Zip(await ResultsOf(finished)).ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. rows.Select(row => new TrialRow(
            row.Trial.Index, row.Trial.Path, row.Trial.Recipe.Kind, row.Trial.Variant, row.Trial.Parent, row.Trial.Recipe.Seed,
            row.State, row.Reused, row.Failure, row.State == TrialState.Finished ? found[row.Trial.Variant] : null,
            row.Class, row.Attempts))];
    }

    /// <inheritdoc/>
    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        // The tick has activated the sweep, which is all that it is for. One that has ended was lost before it could say so.
        if (UnderWay)
            return;

        await NoteInIndex();
        await Unremind();
    }

    private int Trials => board?.Plan.Length ?? 0;

    private int Count(TrialState state) => board?.Count(state) ?? 0;

    // A plan of thousands takes a while, in which the sweep is to answer.
    private static Task<ImmutableArray<PlannedVariant>> Planned(SweepSpec spec, PlanInputs inputs) =>
        Task.Run(() => Planner.Plan(spec, inputs.Data, inputs.Numerics, inputs.Model?.Settings));

    private Task<VariantResult?[]> ResultsOf(IEnumerable<VariantId> variants)
    {
        var (spec, inputs) = (Own.Spec!, Own.Inputs!);
        return results.Get([.. variants.Select(variant => KeyOf(variant, spec, inputs))]);
    }

    private static string KeyOf(VariantId variant, SweepSpec spec, PlanInputs inputs) =>
        ResultKey.Of(variant, spec.Measure, inputs.RuntimeVersion, inputs.DeviceFingerprint);

    private static ImmutableSortedDictionary<string, int> Sum(SortedDictionary<string, int> before, SortedDictionary<string, int> since) => before.Concat(since)
        .GroupBy(count => count.Key, StringComparer.Ordinal)
        .ToImmutableSortedDictionary(kind => kind.Key, kind => kind.Sum(count => count.Value), StringComparer.Ordinal);

    private static RunningVariant Shown(PlannedVariant trial, WatchedRun run) => new(
        trial.Variant, trial.Path, run.Silo, run.Progress!.Stage, run.Progress.Done, run.Progress.Total, run.Progress.Unit, run.Progress.Top1,
        run.Progress.Remaining);
}
