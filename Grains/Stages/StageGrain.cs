using Microsoft.Extensions.Options;
using Orleans.Storage;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Results;
using SparseGrid.Grains.Placement;

namespace SparseGrid.Grains.Stages;

/// <summary>Keeps the record of one stage, and until then the lease of whoever runs it. The rules are <see cref="StageState"/>'s.</summary>
[GrainType("stage"), OnRole(SiloRole.Control)]
public sealed partial class StageGrain(
    [PersistentState("stage")] IPersistentState<StageState> stage, IOptions<GridOptions> options, TimeProvider clock, ILogger<StageGrain> logger)
    : Grain, IStageGrain
{
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

    // A write that meets a newer record is not repeated blindly: the newer one is read, and the question asked again.
    private async Task<T> Decide<T>(Func<StageState, (StageState State, T Answer)> rule)
    {
        for (var attempt = 1; ; attempt++)
        {
            var before = stage.State;
            var (after, answer) = rule(before);
            if (after == before)
                return answer;

            try
            {
                stage.State = after;
                await stage.WriteStateAsync();
                return answer;
            }
            catch (InconsistentStateException) when (attempt < 3)
            {
                stage.State = before;
                await stage.ReadStateAsync();
            }
            catch
            {
                // What was not written was not decided.
                stage.State = before;
                throw;
            }
        }
    }
}
