namespace SparseGrid.Contracts.Recipes;

/// <summary>Which network a sweep compresses.</summary>
/// <param name="Network">Name of a builder: resnet8, resnet20, resnet18, resnet34, resnet50; <see cref="Imported"/> for a network from the user's own file.</param>
/// <param name="Width">Channels of the first stage; 0 takes the network's usual number.</param>
/// <param name="Given">What the user brought, known from the plan on; null where training starts from the seed.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.model")]
public sealed record ModelSettings(string Network, int Width = 0, GivenNetwork? Given = null)
{
    /// <summary>The name of every network that is no builder's.</summary>
    public const string Imported = "imported";
}
