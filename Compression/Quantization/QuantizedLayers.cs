using System.Collections.Immutable;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Quantization;

/// <summary>Which layers are quantized: convolutions, fully connected layers, average pools and residual adds, by name.</summary>
/// <remarks>A layer that is not reads floats and keeps its float weight, also where another layer reads the same tensor quantized: as in
/// pytorch-quantization, where each module has an input quantizer of its own.</remarks>
/// <param name="Include">The layers that are quantized; null for all of them.</param>
/// <param name="Exclude">Layers that are not, even where Include names them; null for none.</param>
/// <param name="Residual">False leaves every residual add in float.</param>
/// <param name="Ends">The ends of the network that stay in float.</param>
public sealed record QuantizedLayers(
    LayerPatterns? Include = null, LayerPatterns? Exclude = null, bool Residual = true, FloatEnds Ends = FloatEnds.None)
{
    /// <summary>Every layer.</summary>
    public static QuantizedLayers All { get; } = new();

    /// <summary>True for the kinds of nodes that can be quantized.</summary>
    public static bool Has(Node node) => node is IWeightedNode or AveragePool or GlobalAveragePool or Add;

    /// <summary>The decision for every layer that can be quantized, in graph order.</summary>
    /// <exception cref="InvalidDataException">A pattern names no layer of the graph, or no weight is left to quantize.</exception>
    public ImmutableArray<LayerQuantization> Of(LayerGraph graph)
    {
        ImmutableArray<Node> layers = [.. graph.Nodes.Where(Has)];
        Include?.Check(layers.Select(layer => layer.Name));
        Exclude?.Check(layers.Select(layer => layer.Name));

        var weighted = graph.WeightedNodes.Select(node => node.Name).ToArray();
        ImmutableArray<LayerQuantization> decisions = [.. layers.Select(layer => Decide(layer, weighted))];
        return weighted.Length == 0 || decisions.Any(layer => layer.Quantized && weighted.Contains(layer.Layer))
            ? decisions
            : throw new InvalidDataException($"No layer with weights of {graph.Name} is left to quantize: {decisions.First(layer => weighted.Contains(layer.Layer)).Why} and so on. Exclude fewer layers.");
    }

    private LayerQuantization Decide(Node layer, string[] weighted)
    {
        var name = layer.Name;
        LayerQuantization Float(string why) => new(name, Quantized: false, why);

        if (Exclude?.Naming(name) is { } excluding)
            return Float($"excluded by '{excluding}'");
        if (Ends is FloatEnds.First or FloatEnds.Both && name == weighted.FirstOrDefault())
            return Float("the first layer stays in float");
        if (Ends is FloatEnds.Last or FloatEnds.Both && name == weighted.LastOrDefault())
            return Float("the last layer stays in float");
        if (!Residual && layer is Add)
            return Float("residual adds stay in float");
        if (Include is null)
            return new(name, Quantized: true, "every layer is");
        return Include.Naming(name) is { } including ? new(name, Quantized: true, $"included by '{including}'") : Float("not named by include");
    }
}
