using Microsoft.Extensions.Options;
using Orleans.Storage;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Results;
using SparseGrid.Grains.Placement;
using SparseGrid.Grains.Slots;

namespace SparseGrid.Grains.Stages;

/// <summary>
/// Keeps the record of one stage, and until then the lease of whoever runs it. The rules are <see cref="StageState"/>'s. A lease is in memory until it is renewed
/// for the first time: most stages are over by then. Should this activation be lost before, another asker may run the stage too, and the first record wins.
/// </summary>
[GrainType("stage"), OnRole(SiloRole.Control), CollectionAgeLimit(Minutes = 2)]
public sealed partial class StageGrain(
    [PersistentState("stage")] IPersistentState<StageState> stage, IOptions<GridOptions> options, TimeProvider clock, ILogger<StageGrain> logger)
    : Grain, IStageGrain
{
    private bool unwritten;

    /// <inheritdoc/>
    public Task<StageClaim> Claim(string owner) => Decide(state => state.Claimed(owner, clock.GetUtcNow(), options.Value.StageLease));

    /// <inheritdoc/>
    public async Task<StageRecord> Commit(string owner, StageRecord record)
    {
        var kept = await Decide(state => (state.Committed(record), state.Committed(record).Record!));
        if (kept.Provenance != record.Provenance)
            LogCommittedBefore(record.Kind, record.Key, owner);

        return kept;
    }

    /// <inheritdoc/>
    public Task Release(string owner) => Decide(state => (state.Released(owner), true));

    /// <inheritdoc/>
    public Task<bool> Drop(StageRecord lost) => Decide(state => (state.Dropped(lost), state.Dropped(lost) != state));

    /// <inheritdoc/>
    public Task<StageRecord?> Record() => Task.FromResult(stage.State.Record);

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        try
        {
            if (unwritten && stage.State.Owner is not null)
                await stage.WriteStateAsync(cancellationToken);
        }
        catch (Exception lost) when (Transient.Is(lost) || lost is OperationCanceledException)
        {
            LogLeaseLost(lost, this.GetPrimaryKeyString());
        }
    }

    // A write that meets a newer record is not repeated blindly: the newer one is read, and the question asked again.
    private async Task<T> Decide<T>(Func<StageState, (StageState State, T Answer)> rule)
    {
        for (var attempt = 1; ; attempt++)
        {
            var before = stage.State;
            var (after, answer) = rule(before);
            if (after == before)
                return answer;

            if (CanWait(before, after))
            {
                (stage.State, unwritten) = (after, true);
                return answer;
            }

            try
            {
                stage.State = after;
                await stage.WriteStateAsync();
                unwritten = false;
                return answer;
            }
            catch (InconsistentStateException) when (attempt < 3)
            {
                stage.State = before;
                await stage.ReadStateAsync();
                unwritten = false;
            }
            catch
            {
                // What was not written was not decided.
                stage.State = before;
                throw;
            }
        }
    }

    // What is stored says that the stage is nobody's. That is as good as a first lease, and the same as its release.
    private bool CanWait(StageState before, StageState after) =>
        after.Record is null && before.Record is null && (before.Owner is null || unwritten) && (before.Owner is null || after.Owner is null);
}
