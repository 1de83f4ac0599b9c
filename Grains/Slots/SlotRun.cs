using System.Collections.Immutable;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Identity;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Slots;

/// <summary>
/// One run of one variant: its recipe's stages, then evaluation and measurement, each taken from its record or executed; at the end the result.
/// </summary>
public sealed partial class SlotRun : IDisposable
{
    private readonly Assignment assignment;
    private readonly RunServices services;
    private readonly RunReporter reporter;
    private readonly CancellationTokenSource stop = new();
    private readonly CancellationTokenSource atOnce = new();
    private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<RunFailure, bool> failing;
    private readonly string owner;
    private readonly ILogger logger;
    private volatile HeldStage? held;
    private int settled;

    /// <summary>A run that begins to report soon; <see cref="Execute"/> does the work, <see cref="Tell"/> says how it ended.</summary>
    /// <param name="failing">Told of a failure before the variant is, so that its silo can act first; false where the failure is not the run's own.</param>
    public SlotRun(Assignment assignment, int epoch, RunServices services, Func<RunFailure, bool> failing)
    {
        (this.assignment, this.services, this.failing, Epoch, logger) = (assignment, services, failing, epoch, services.Logger);
        owner = StageOwner.Of(assignment.Variant, epoch);
        reporter = new(
            services.Grains.GetGrain<IVariantGrain>(assignment.Variant.Value), assignment.Variant, epoch, services.Silo, services.Options, services.Clock,
            disowned: Stop, reportFailed: failed => LogReportFailed(failed, assignment.Variant, epoch));
    }

    /// <summary>The variant it runs.</summary>
    public VariantId Variant => assignment.Variant;

    /// <summary>Lease epoch.</summary>
    public int Epoch { get; }

    /// <summary>Ends with the run, its last report included.</summary>
    public Task Over => over.Task;

    /// <summary>The slot that executes it; null before one does.</summary>
    public int? Slot { get; private set; }

    /// <summary>Lets the stage that runs write a checkpoint and end. Safe to repeat, from any thread.</summary>
    public void Stop() => stop.Cancel();

    /// <summary>Lets the stage that runs end after its step, without a checkpoint. Safe to repeat, from any thread.</summary>
    /// <returns>False where it was told before.</returns>
    public bool StopNow()
    {
        if (atOnce.IsCancellationRequested)
            return false;

        atOnce.Cancel();
        stop.Cancel();
        return true;
    }

    /// <summary>Ends the run for the grid while its step goes on: says that it was stopped, and gives the stage back. What the step makes counts for nothing.</summary>
    /// <returns>False where the run has come to its end by itself.</returns>
    public bool Abandon()
    {
        if (Interlocked.Exchange(ref settled, 1) != 0)
            return false;

        _ = Task.Run(() => EndWithoutThread(Preempted));
        return true;
    }

    /// <summary>Runs to the end on the calling thread. Throws nothing: a failure is an outcome.</summary>
    /// <param name="slot">The slot whose thread this is.</param>
    /// <returns>The outcome to <see cref="Tell"/>; null where the slot was taken from the run meanwhile, so that the thread is to end.</returns>
    public RunOutcome? Execute(int slot)
    {
        Slot = slot;
        var outcome = Outcome();
        if (Interlocked.Exchange(ref settled, 1) == 0)
            return outcome;

        Blocking.On(over.Task);
        return null;
    }

    /// <summary>Tells how it ended, while the slot goes on with another run; then the run is over.</summary>
    /// <param name="silenced">Cancelled when the silo is gone and nobody can be told of the outcome.</param>
    public async Task Tell(RunOutcome outcome, CancellationToken silenced)
    {
        if (!await reporter.End(outcome, silenced))
            LogOutcomeLost(assignment.Variant, Epoch, outcome.Kind);

        over.SetResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reporter.Dispose();
        stop.Dispose();
        atOnce.Dispose();
    }

    private async Task EndWithoutThread(RunOutcome outcome)
    {
        // Another thread waits for the end, so it comes whatever happens on the way.
        try
        {
            if (held is { } stage)
            {
                stage.Lease.Dispose();
                await ReleaseQuietly(stage.Stage);
            }

            if (!await reporter.End(outcome, CancellationToken.None))
                LogOutcomeLost(assignment.Variant, Epoch, outcome.Kind);
        }
        finally
        {
            over.SetResult();
        }
    }

    private void Run()
    {
        var parent = Ancestor("parent", assignment.ParentResultKey);
        var dense = Ancestor("dense ancestor", assignment.DenseResultKey);
        var roles = Roles(parent?.Stages ?? []);
        if (dense?.Artifact("predictions_test") is { } predictions)
            roles = roles.SetItem("baseline_predictions", predictions);

        var records = new List<StageRecord>();
        foreach (var stage in assignment.Recipe.Stages.Concat(assignment.AfterStages))
        {
            // A dense variant is its own baseline.
            if ((dense?.Artifact("onnx") ?? roles.GetValueOrDefault("onnx")) is { } baseline)
                roles = roles.SetItem("baseline", baseline);

            var record = Record(stage, roles);
            records.Add(record);
            roles = roles.SetItems(record.Artifacts);
        }

        var result = services.Assembler.Assemble(assignment, records, parent, dense);
        if (!Ask(reporter.Confirm))
            stop.Cancel();

        stop.Token.ThrowIfCancellationRequested();
        Ask(() => services.Results.Commit(assignment.ResultKey, result));
    }

    private StageRecord Record(Stage stage, ImmutableSortedDictionary<string, string> roles)
    {
        var inputs = Inputs(stage, roles);
        var recipe = assignment.Recipe;
        var key = StageKey.Of(stage, inputs, recipe.Data, recipe.Model, recipe.Numerics, recipe.Seed, EnvironmentOf(stage));
        stop.Token.ThrowIfCancellationRequested();
        if (services.Records.Find(key) is { } known)
        {
            if (Lost(known) is null)
                return Reused(known);

            services.Records.Forget(known);
        }

        var grain = services.Grains.GetGrain<IStageGrain>(key);
        for (var pause = TimeSpan.FromMilliseconds(20); ; pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, services.Options.StageWait.Ticks)))
        {
            stop.Token.ThrowIfCancellationRequested();
            var claim = Ask(() => grain.Claim(owner));
            if (claim.Record is { } made)
            {
                if (Lost(made) is { } lost)
                {
                    LogArtifactLost(assignment.Variant, stage.Kind, key, lost);
                    Ask(() => grain.Drop(made));
                    continue;
                }

                services.Records.Keep(made);
                return Reused(made);
            }

            if (claim.Granted)
                return Executed(grain, new(key, stage, recipe, assignment.Data, inputs, atOnce.Token));

            reporter.Progress(new($"{stage.Kind}, waiting for another run of it", 0, 0, "", double.NaN, null));
            stop.Token.WaitHandle.WaitOne(pause);
        }
    }

    private StageRecord Reused(StageRecord made)
    {
        // A run that was killed after its commit has left them.
        services.Checkpoints.Delete(made.Key);
        reporter.Count(made.Kind, wasReused: true);
        return made;
    }

    private string? Lost(StageRecord record) => record.Artifacts.Values.FirstOrDefault(artifact => !services.Artifacts.Holds(artifact));

    private StageRecord Executed(IStageGrain grain, StageRequest request)
    {
        try
        {
            var record = RunStage(grain, request);
            request.AtOnce.ThrowIfCancellationRequested();
            var kept = Ask(() => grain.Commit(owner, record));
            reporter.Count(request.Stage.Kind, wasReused: false);
            services.Checkpoints.Delete(request.Key);
            services.Records.Keep(kept);
            return kept;
        }
        catch
        {
            // So that the next asker need not wait for the lease to run out.
            Blocking.On(ReleaseQuietly(grain));
            throw;
        }
    }

    private StageRecord RunStage(IStageGrain grain, StageRequest request)
    {
        var kind = request.Stage.Kind;
        using var lease = StageLease.Renewing(grain, owner, services.Options.StageLease / 3, services.Clock);
        held = new(grain, lease);
        reporter.Progress(new(kind, 0, 0, "", double.NaN, null));
        using var alone = request.Stage is MeasureStage ? services.Device.Alone(stop.Token) : null;
        using var place = request.Stage is MeasureStage ? null : services.Device.Share(stop.Token);

        LogStageStarts(assignment.Variant, kind, request.Key);
        using var watch = new StageWatch(
            $"{kind} of variant {assignment.Variant.Short}", services.Options, services.Clock, GiveUp, stop.Token);
        var started = services.Clock.GetUtcNow();
        var ticks = services.Clock.GetTimestamp();
        var last = new StageProgress(kind, 0, 0, "", double.NaN, null);
        StageOutput output;
        try
        {
            output = services.Runner.Run(request, Progressed, watch.Stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            LogStageStopped(assignment.Variant, kind, request.Key, last.Done, last.Total, last.Unit);
            throw;
        }
        catch (OperationCanceledException) when (watch.Fault is not null)
        {
            throw watch.Fault!;
        }

        var spent = services.Clock.GetElapsedTime(ticks);
        LogStageEnded(assignment.Variant, kind, spent.TotalSeconds);

        var here = services.Environment;
        return new(
            request.Key, kind, output.Artifacts, output.Numbers, output.Notes,
            new(here.DeviceName, request.Stage is MeasureStage { Settings: var measure } ? here.Offer.Runtime(measure.Runtime).Fingerprint : here.DeviceFingerprint, services.Silo.Name, here.Versions, started, spent));

        // Told after every step or batch, which is where a measurement may come between.
        void Progressed(StageProgress progress)
        {
            watch.Progressed();
            last = progress;
            request.AtOnce.ThrowIfCancellationRequested();
            reporter.Progress(progress);
            if (place is not null)
                watch.Wait(() => place.StepAside(stop.Token));
        }
    }

    private string EnvironmentOf(Stage stage) => StageEnvironment.Of(stage, services.Environment.Offer.Runtime);

    private VariantResult? Ancestor(string what, string? resultKey)
    {
        if (resultKey is null)
            return null;

        return Ask(() => services.Results.Get(resultKey))
            ?? throw new StageFailedException(
                $"Variant {assignment.Variant.Short} starts from its {what}, whose result {resultKey} is not committed. "
                + "Submit the sweep again: it runs what is missing.");
    }

    private ImmutableSortedDictionary<string, string> Inputs(Stage stage, ImmutableSortedDictionary<string, string> roles)
    {
        var takes = StageInputs.Of(stage);
        if (takes.Required.Where(role => !roles.ContainsKey(role)).ToArray() is { Length: > 0 } missing)
        {
            throw new StageFailedException(
                $"Stage {stage.Kind} of variant {assignment.Variant.Short} takes {string.Join(", ", missing)}, which no stage before it made; "
                + $"there are: {string.Join(", ", roles.Keys)}.");
        }

        return roles.Where(role => takes.Required.Contains(role.Key) || takes.Optional.Contains(role.Key)).ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    private static ImmutableSortedDictionary<string, string> Roles(ImmutableArray<StageRecord> stages) =>
        stages.SelectMany(stage => stage.Artifacts)
            .Aggregate(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal), (roles, made) => roles.SetItem(made.Key, made.Value));

    private async Task ReleaseQuietly(IStageGrain grain)
    {
        try
        {
            await grain.Release(owner);
        }
#pragma warning disable CA1031 // A right that is not given back runs out by itself; what ended the run is what is to be told.
        catch (Exception failed)
#pragma warning restore CA1031
        {
            LogReportFailed(failed, assignment.Variant, Epoch);
        }
    }

    // What a run that loses its thread has to give back.
    private sealed record HeldStage(IStageGrain Stage, StageLease Lease);
}
