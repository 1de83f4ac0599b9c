using Orleans.Placement;
using Orleans.Runtime.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace SparseGrid.Grains.Placement;

/// <summary>Picks the silos of a role from what each says of itself. Reads a cache: nothing is asked over the network here.</summary>
internal sealed class RoleFilterDirector(ISiloMetadataCache metadata) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        var role = ((RoleFilter)filterStrategy).Role;
        var all = silos.ToArray();
        var fitting = Array.FindAll(all, silo => SiloRole.Takes(metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(SiloRole.Key), role));
        return fitting.Length > 0 ? fitting : all;
    }
}
