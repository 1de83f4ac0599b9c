using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Slots;

/// <summary>Asks this silo first, which costs nothing, and the broker only where this silo does not compute on that device.</summary>
public sealed class ComputeEnvironments(
    IExecutionEnvironment own, IOptions<DeviceOptions> device, IOptions<GridOptions> options, IGrainFactory grains, IClusterMembershipService membership, TimeProvider clock)
    : IComputeEnvironments
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    // A silo by itself without slots, as that of a command that only plans, plans for itself.
    private bool IsAlone => membership.CurrentSnapshot.Members.Values.Count(member => member.Status == SiloStatus.Active) < 2;

    /// <inheritdoc/>
    public async ValueTask<SiloEnvironment> For(string kind)
    {
        if (own.Device == kind && (device.Value.SlotsPerDevice > 0 || IsAlone))
        {
            own.CheckDevice();
            return own.Offer;
        }

        // A cluster that has just come up: every silo has reported after one period.
        var began = clock.GetTimestamp();
        while (true)
        {
            var silos = await grains.GetGrain<ISlotBrokerGrain>(0).Silos();
            if (silos.FirstOrDefault(silo => silo.Device == kind && silo is { Draining: false, Slots: > 0, Environment: not null }) is { Environment: { } found })
                return found;
            if (IsAlone || clock.GetElapsedTime(began) > options.Value.ReportPeriod + Look)
                throw new StageFailedException(Missing(kind, silos));

            await Task.Delay(Look, clock);
        }
    }

    private static string Missing(string kind, ImmutableArray<SiloSlots> silos)
    {
        var up = string.Join(", ", silos.Select(silo => $"{silo.Name} ({silo.Device}, slots: {silo.Slots}{(silo.Draining ? ", stopping" : "")})"));
        return $"numerics.device is {kind}, but no silo that is up computes on it; up are: {(up.Length == 0 ? "none" : up)}. "
            + $"Start one with Devices:Device={kind} and a slot, or set the device to one that is there.";
    }
}
