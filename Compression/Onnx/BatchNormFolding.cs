using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx;

/// <summary>Moves batch normalizations into the convolutions before them.</summary>
/// <remarks>
/// y = γ · (w·x + b − mean) / sqrt(var + ε) + β is a convolution with weight w·f and bias β + (b − mean)·f, f = γ / sqrt(var + ε).
/// Jacob et al., arXiv:1712.05877, section 3.2.
/// </remarks>
public static class BatchNormFolding
{
    /// <summary>Folds every batch normalization that alone reads the output of a convolution; the others stay.</summary>
    /// <returns>The graph without them, whose convolutions have a bias and write what the normalization wrote, and its float32 weights. Inputs are not
    /// changed.</returns>
    /// <exception cref="InvalidDataException">A weight is missing or has another shape than the graph says.</exception>
    public static (LayerGraph Graph, IReadOnlyDictionary<string, HostArray> Weights) Fold(
        LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights)
    {
        var foldable = Foldable(graph);
        return (WithoutFolded(graph, foldable), FoldWeights(graph, weights, foldable));
    }

    /// <summary>The weights that go with <see cref="WithoutFolded"/>.</summary>
    internal static IReadOnlyDictionary<string, HostArray> FoldWeights(
        LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, IReadOnlyDictionary<string, BatchNorm> foldable)
    {
        var folded = new Dictionary<string, HostArray>(weights);
        foreach (var conv in graph.Nodes.OfType<Conv>().Where(conv => foldable.ContainsKey(conv.Name)))
        {
            var norm = foldable[conv.Name];
            var shape = conv.Parameters.First().Shape;
            var weight = weights.Of(conv.WeightName, shape.AsSpan()).Floats;
            var bias = conv.HasBias ? weights.Of(conv.BiasName, conv.OutChannels) : null;
            var affine = ChannelAffine.Of(conv.OutChannels, bias, norm, weights);

            var scaled = new float[weight.Length];
            var perChannel = weight.Length / conv.OutChannels;
            for (var i = 0; i < scaled.Length; i++)
                scaled[i] = (float)(weight[i] * affine.Factor[i / perChannel]);

            foreach (var parameter in norm.Parameters)
                folded.Remove(parameter.Name);
            folded[conv.WeightName] = HostArray.Of(scaled, shape.AsSpan());
            folded[conv.BiasName] = HostArray.Of(Array.ConvertAll(affine.Shift, shift => (float)shift), conv.OutChannels);
        }

        return folded;
    }

    /// <summary>The batch normalization that can move into each convolution, by the convolution's name.</summary>
    internal static IReadOnlyDictionary<string, BatchNorm> Foldable(LayerGraph graph)
    {
        var foldable = new Dictionary<string, BatchNorm>();
        foreach (var norm in graph.Nodes.OfType<BatchNorm>())
        {
            if (norm.Input != graph.OutputName && graph.ProducerOf(norm.Input) is Conv conv && graph.ConsumersOf(norm.Input).Count() == 1)
                foldable.Add(conv.Name, norm);
        }

        return foldable;
    }

    /// <summary>The graph whose convolutions write what the normalization after them wrote.</summary>
    internal static LayerGraph WithoutFolded(LayerGraph graph, IReadOnlyDictionary<string, BatchNorm> foldable)
    {
        var gone = foldable.Values.Select(norm => norm.Name).ToHashSet();
        var nodes = ImmutableArray.CreateBuilder<Node>();
        foreach (var node in graph.Nodes.Where(node => !gone.Contains(node.Name)))
        {
            nodes.Add(node is Conv conv && foldable.TryGetValue(conv.Name, out var norm)
                ? new Conv(conv.Name, conv.Input, norm.Output, conv.InChannels, conv.OutChannels, conv.Window, conv.Groups, HasBias: true)
                : node);
        }

        return graph with { Nodes = nodes.ToImmutable() };
    }
}
