using System.Collections.Immutable;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Quantization;

/// <summary>Where a graph is quantized in a dialect.</summary>
/// <param name="Activations">Quantized tensors, in graph order.</param>
/// <param name="Weights">Names of the nodes whose weights are quantized per output channel, in graph order.</param>
public sealed record QuantizerPlacement(ImmutableArray<ActivationQuantizer> Activations, ImmutableArray<string> Weights)
{
    /// <summary>Names of the nodes that read floats where a tensor has a quantizer; every other reader sees it quantized.</summary>
    public ImmutableHashSet<string> FloatReaders { get; init; } = [];

    /// <summary>The places where every layer is quantized.</summary>
    /// <inheritdoc cref="Of(LayerGraph, Dialect, QuantizedLayers)"/>
    public static QuantizerPlacement Of(LayerGraph graph, Dialect dialect) => Of(graph, dialect, QuantizedLayers.All);

    /// <summary>Derives the places from the graph: inputs of convolutions, fully connected layers and average pools, and operands of residual adds.</summary>
    /// <param name="layers">Which of these are quantized. What lies between them (ReLU, normalizations, max pools) reads floats where a layer behind it does.</param>
    /// <exception cref="InvalidDataException">A pattern names no layer, or no weight is left to quantize.</exception>
    /// <remarks>Wu et al., "Integer Quantization for Deep Learning Inference", arXiv:2004.09602, sections 3 and 4; the residual rule is
    /// pytorch-quantization's.</remarks>
    public static QuantizerPlacement Of(LayerGraph graph, Dialect dialect, QuantizedLayers layers)
    {
        var floats = layers.Of(graph).Where(layer => !layer.Quantized).Select(layer => layer.Layer).ToHashSet();
        var taken = new Dictionary<string, bool>();
        var places = new HashSet<string>();
        foreach (var node in graph.Nodes.Where(node => !floats.Contains(node.Name)))
        {
            switch (node)
            {
                case Conv or Gemm:
                    places.Add(Source(node.Input));
                    break;
                case GlobalAveragePool or AveragePool:
                    places.Add(Source(node.Input));
                    if (dialect.QuantizePoolOutput && Taken(node.Output))
                        places.Add(node.Output);
                    break;
                case Add add:
                    if (dialect.QuantizeBothAddOperands)
                        places.Add(Source(add.Left));
                    places.Add(Source(add.Right));
                    break;
            }
        }

        // A flattened tensor is the tensor before it, value by value, and rounding keeps the order that a max pool goes by: so the quantizer
        // can stand before them, where the integer kernel in front can then write integers. Not where a layer behind them is to read floats.
        string Source(string tensor) => graph.ProducerOf(tensor) switch
        {
            Flatten flatten when Taken(tensor) => Source(flatten.Input),
            MaxPool pool when dialect.QuantizeBeforeMaxPool && Taken(tensor) => Source(pool.Input),
            _ => tensor,
        };

        // True where no layer reads this tensor, as it is or through other nodes, in float.
        bool Taken(string tensor) => taken.TryGetValue(tensor, out var known) ? known : taken[tensor] = graph.ConsumersOf(tensor).All(TakesQuantized);
        bool TakesQuantized(Node node) => QuantizedLayers.Has(node) ? !floats.Contains(node.Name) : Taken(node.Output);

        var order = new[] { graph.InputName }.Concat(graph.Nodes.SelectMany(node => node.Outputs));
        return new(
            [.. order.Where(places.Contains).Select(tensor => new ActivationQuantizer(tensor, Signed: !(dialect.UnsignedAfterRelu && NeverNegative(graph, tensor))))],
            [.. graph.WeightedNodes.Select(node => node.Name).Where(name => !floats.Contains(name))])
        {
            FloatReaders = [.. graph.Nodes.Where(node => node.Inputs.Any(places.Contains) && !TakesQuantized(node)).Select(node => node.Name)],
        };
    }

    /// <summary>Every tensor that has a quantizer for some choice of layers, in graph order: one calibration pass over these serves all choices.</summary>
    public static ImmutableArray<string> Candidates(LayerGraph graph, Dialect dialect)
    {
        var tensors = new HashSet<string>();
        void Add(string? tensor)
        {
            for (; tensor is not null; tensor = graph.ProducerOf(tensor) is (Flatten or MaxPool) and var node ? node.Input : null)
                tensors.Add(tensor);
        }

        foreach (var node in graph.Nodes.Where(QuantizedLayers.Has))
        {
            foreach (var input in node.Inputs.Skip(node is Graph.Add && !dialect.QuantizeBothAddOperands ? 1 : 0))
                Add(input);
            if (node is GlobalAveragePool or AveragePool && dialect.QuantizePoolOutput)
                Add(node.Output);
        }

        return [.. new[] { graph.InputName }.Concat(graph.Nodes.SelectMany(node => node.Outputs)).Where(tensors.Contains)];
    }

    /// <summary>True where no value can be below zero: after a ReLU, and after what only picks or averages such values.</summary>
    public static bool NeverNegative(LayerGraph graph, string tensor) => graph.ProducerOf(tensor) switch
    {
        Relu or Sigmoid or HardSigmoid or Clip { Min: >= 0 } => true,
        MaxPool or AveragePool or GlobalAveragePool or Flatten or Unflatten or Concat or ChannelSlice or ChannelShuffle or Mul => graph.ProducerOf(tensor)!.Inputs.All(input => NeverNegative(graph, input)),
        _ => false,
    };
}
