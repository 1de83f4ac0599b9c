using Orleans.Placement;

namespace SparseGrid.Grains.Placement;

/// <summary>Keeps a grain to silos of a role. Where no silo of the cluster has it, any silo is taken: a grain that cannot be placed helps nobody.</summary>
/// <param name="role">One of <see cref="SiloRole"/>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnRoleAttribute(string role) : PlacementFilterAttribute(new RoleFilter(role));
