namespace SparseGrid.Contracts.Recipes;

/// <summary>Which network a sweep compresses.</summary>
/// <param name="Network">Name of a builder: resnet8, resnet20, resnet18, resnet34, resnet50.</param>
/// <param name="Width">Channels of the first stage; 0 takes the network's usual number.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.model")]
public sealed record ModelSettings(string Network, int Width = 0);
