using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Quantization;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>What a recipe says of the layers that are pruned and quantized, in the words of <c>Compression</c>.</summary>
internal static class LayerChoice
{
    /// <summary>The layers that pruning may touch.</summary>
    public static PruningScope Of(PruneSettings settings) => Scope(settings.Exclude);

    /// <summary>The layers that pruning may touch where these stay dense; patterns joined by commas, null for none.</summary>
    public static PruningScope Scope(string? exclude) => new() { Except = Patterns(exclude) ?? LayerPatterns.None };

    /// <summary>The layers; all of them for null.</summary>
    public static QuantizedLayers Of(QuantizedLayerSettings? settings) => settings is null
        ? QuantizedLayers.All
        : new(Patterns(settings.Include), Patterns(settings.Exclude), settings.Residual ?? true, Ends(settings.FloatEnds));

    /// <summary>Where the graph is quantized.</summary>
    /// <exception cref="InvalidDataException">A pattern names no layer, or no weight is left to quantize.</exception>
    public static QuantizerPlacement Placement(LayerGraph graph, string dialect, QuantizedLayerSettings? settings) =>
        QuantizerPlacement.Of(graph, Dialect.Named(dialect), Of(settings));

    private static LayerPatterns? Patterns(string? joined) => joined is null ? null : LayerPatterns.Parse(joined.Split(','));

    private static FloatEnds Ends(string? word) => word is null ? FloatEnds.None : Enum.Parse<FloatEnds>(word, ignoreCase: true);
}
