using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Placement;

namespace SparseGrid.Grains.Slots;

/// <summary>The one broker of the cluster; remembers nothing that the silos' next reports would not bring back. The rules are
/// <see cref="SlotBoard"/>'s.</summary>
[GrainType("slot-broker"), KeepAlive, OnRole(SiloRole.Control)]
public sealed partial class SlotBrokerGrain(
    IOptions<GridOptions> options, IClusterMembershipService membership, TimeProvider clock, ILogger<SlotBrokerGrain> logger) : Grain, ISlotBrokerGrain
{
    private readonly SlotBoard board = new(options.Value.SiloExpiry, options.Value.Reservation);
    private readonly HashSet<string> watchers = new(StringComparer.Ordinal);

    // Reports and reservations age by elapsed time: setting the machine's clock neither ends a silo nor keeps a reservation.
    private DateTimeOffset Now => DateTimeOffset.UnixEpoch + clock.GetElapsedTime(0);

    /// <inheritdoc/>
    public Task Report(SiloSlots slots)
    {
        if (IsGone(slots.Silo))
            board.Forget(slots.Silo);
        else if (board.Report(slots, Now))
            TellWatchers();

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<SiloAddress>> Reserve(string device, int count)
    {
        ForgetTheGone();
        return Task.FromResult(board.Reserve(device, count, Now));
    }

    /// <inheritdoc/>
    public Task<SiloAddress?> ReserveElsewhere(string device, ImmutableArray<SiloAddress> avoided)
    {
        ForgetTheGone();
        return Task.FromResult(board.Reserve(device, 1, Now, avoided).FirstOrDefault());
    }

    /// <inheritdoc/>
    public Task Release(SiloAddress silo)
    {
        board.Release(silo);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Watch(string sweep)
    {
        watchers.Add(sweep);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<SiloSlots>> Silos()
    {
        ForgetTheGone();
        return Task.FromResult(board.Silos(Now));
    }

    private void ForgetTheGone() => board.Forget(IsGone);

    private bool IsGone(SiloAddress silo) => membership.CurrentSnapshot.GetSiloStatus(silo) is SiloStatus.Dead or SiloStatus.None;

    // A watcher is told once and asks again; the call is a hint, so nobody waits for it.
    private void TellWatchers()
    {
        foreach (var sweep in watchers)
            Tell(sweep).Ignore();

        watchers.Clear();
    }

    private async Task Tell(string sweep)
    {
        try
        {
            await GrainFactory.GetGrain<ISweepGrain>(sweep).SlotsFreed();
        }
        catch (Exception lost) when (Transient.IsOfGrid(lost))
        {
            LogHintLost(lost, sweep);
        }
    }
}
