using Orleans.Metadata;
using Orleans.Placement;

namespace SparseGrid.Grains.Placement;

/// <summary>The role that silos must have for a grain; it travels in the grain's properties.</summary>
public sealed class RoleFilter(string role) : PlacementFilterStrategy(order: 1)
{
    private const string Property = "role";

    /// <summary>For Orleans, which sets the role from the grain's properties.</summary>
    public RoleFilter()
        : this(SiloRole.Both)
    {
    }

    /// <summary>The role.</summary>
    public string Role { get; private set; } = role;

    /// <inheritdoc/>
    public override void AdditionalInitialize(GrainProperties properties) => Role = GetPlacementFilterGrainProperty(Property, properties) ?? SiloRole.Both;

    /// <inheritdoc/>
    protected override IEnumerable<KeyValuePair<string, string>> GetAdditionalGrainProperties(
        IServiceProvider services, Type grainClass, GrainType grainType, IReadOnlyDictionary<string, string> existingProperties) => [new(Property, Role)];
}
