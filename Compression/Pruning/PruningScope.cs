using System.Collections.Immutable;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Pruning;

/// <summary>The layers that a user lets pruning touch; of those, only what is eligible is pruned.</summary>
public sealed record PruningScope
{
    /// <summary>Every layer.</summary>
    public static PruningScope Everything { get; } = new();

    /// <summary>The only layers to prune; null for all. None at all prunes nothing.</summary>
    public LayerPatterns? Only { get; init; }

    /// <summary>Layers that stay dense, also where <see cref="Only"/> names them.</summary>
    public LayerPatterns Except { get; init; } = LayerPatterns.None;

    /// <summary>The kinds of layers to prune.</summary>
    public ImmutableHashSet<LayerKind> Kinds { get; init; } = [LayerKind.Linear, LayerKind.Convolution, LayerKind.Attention];

    /// <summary>Why the user leaves a layer dense; null where it may be pruned.</summary>
    public string? Reason(string layer, LayerKind kind) =>
        Except.Naming(layer) is { } pattern ? $"excluded by '{pattern}'"
        : Only is not null && !Only.Matches(layer) ? "not among the layers to prune"
        : !Kinds.Contains(kind) ? $"{kind} layers are not to be pruned"
        : null;

    /// <summary>Refuses names that name no layer.</summary>
    /// <exception cref="InvalidDataException">There are some; each is told, with the nearest name.</exception>
    public void Check(LayerGraph graph)
    {
        ImmutableArray<string> layers = [.. graph.WeightedNodes.Select(node => node.Name)];
        Only?.Check(layers);
        Except.Check(layers);
    }
}
