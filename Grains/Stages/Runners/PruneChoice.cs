using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>What a recipe says of the layers that are pruned, in the words of <c>Compression</c>.</summary>
internal static class PruneChoice
{
    /// <summary>The layers that pruning may touch.</summary>
    public static PruningScope Of(PruneSettings settings) => new() { Except = LayerPatterns.Parse(settings.Exclude?.Split(',') ?? []) };
}
