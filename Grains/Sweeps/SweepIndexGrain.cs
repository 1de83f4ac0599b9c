using System.Collections.Immutable;
using Orleans.Storage;
using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Placement;
using SparseGrid.Grains.Slots;

namespace SparseGrid.Grains.Sweeps;

/// <summary>The list of sweeps: one small record, written when a sweep begins or ends.</summary>
[GrainType("sweep-index"), OnRole(SiloRole.Control)]
public sealed partial class SweepIndexGrain([PersistentState("sweep-index")] IPersistentState<SweepIndexRecord> index, ILogger<SweepIndexGrain> logger) : Grain, ISweepIndexGrain
{
    /// <inheritdoc/>
    public Task Entered(string sweep) => Note(sweep, underWay: true);

    /// <inheritdoc/>
    public Task Left(string sweep) => Note(sweep, underWay: false);

    /// <inheritdoc/>
    public async Task Forget(string sweep)
    {
        if (!index.State.Sweeps.Remove(sweep, out var underWay))
            return;

        try
        {
            await index.WriteStateAsync();
        }
        catch
        {
            index.State.Sweeps[sweep] = underWay;
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<string>> Names() => Task.FromResult<ImmutableArray<string>>([.. index.State.Sweeps.Keys]);

    /// <inheritdoc/>
    public Task Wake() => Task.WhenAll(index.State.Sweeps.Where(sweep => sweep.Value).Select(sweep => Wake(sweep.Key)).ToArray());

    // One that cannot be woken by anybody, because its record cannot be read, is no reason to wake all others again and again.
    private async Task Wake(string sweep)
    {
        try
        {
            await GrainFactory.GetGrain<ISweepGrain>(sweep).SlotsFreed();
        }
        catch (Exception lasting) when (!Transient.Is(lasting))
        {
            LogNotWoken(lasting, sweep);
        }
    }

    // A write that meets a newer record is decided anew over that one; what was not written is not so, and the caller asks again.
    private async Task Note(string sweep, bool underWay)
    {
        for (var attempt = 1; ; attempt++)
        {
            var known = index.State.Sweeps.TryGetValue(sweep, out var before);
            if (known && before == underWay)
                return;

            index.State.Sweeps[sweep] = underWay;
            try
            {
                await index.WriteStateAsync();
                return;
            }
            catch (InconsistentStateException) when (attempt < 3)
            {
                await index.ReadStateAsync();
            }
            catch
            {
                if (known)
                    index.State.Sweeps[sweep] = before;
                else
                    index.State.Sweeps.Remove(sweep);
                throw;
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Sweep {Sweep} is under way and cannot be woken")]
    private partial void LogNotWoken(Exception lasting, string sweep);
}
