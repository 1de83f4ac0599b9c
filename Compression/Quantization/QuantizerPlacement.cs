using System.Collections.Immutable;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Quantization;

/// <summary>Where a graph is quantized in a dialect.</summary>
/// <param name="Activations">Quantized tensors, in graph order.</param>
/// <param name="Weights">Names of the nodes whose weights are quantized per output channel, in graph order.</param>
public sealed record QuantizerPlacement(ImmutableArray<ActivationQuantizer> Activations, ImmutableArray<string> Weights)
{
    /// <summary>Derives the places from the graph: inputs of convolutions, fully connected layers and average pools, and operands of residual adds.</summary>
    /// <remarks>Wu et al., "Integer Quantization for Deep Learning Inference", arXiv:2004.09602, sections 3 and 4; the residual rule is
    /// pytorch-quantization's.</remarks>
    public static QuantizerPlacement Of(LayerGraph graph, Dialect dialect)
    {
        var places = new HashSet<string>();
        foreach (var node in graph.Nodes)
        {
            switch (node)
            {
                case Conv or Gemm:
                    places.Add(Source(node.Input));
                    break;
                case GlobalAveragePool or AveragePool:
                    places.Add(Source(node.Input));
                    if (dialect.QuantizePoolOutput)
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
        // can stand before them, where the integer kernel in front can then write integers.
        string Source(string tensor) => graph.ProducerOf(tensor) switch
        {
            Flatten flatten => Source(flatten.Input),
            MaxPool pool when dialect.QuantizeBeforeMaxPool => Source(pool.Input),
            _ => tensor,
        };

        var order = new[] { graph.InputName }.Concat(graph.Nodes.SelectMany(node => node.Outputs));
        return new(
            [.. order.Where(places.Contains).Select(tensor => new ActivationQuantizer(tensor, Signed: !(dialect.UnsignedAfterRelu && NeverNegative(graph, tensor))))],
            [.. graph.WeightedNodes.Select(node => node.Name)]);
    }

    /// <summary>True where no value can be below zero: after a ReLU, and after what only picks or averages such values.</summary>
    public static bool NeverNegative(LayerGraph graph, string tensor) => graph.ProducerOf(tensor) switch
    {
        Relu or Sigmoid or HardSigmoid or Clip { Min: >= 0 } => true,
        MaxPool or AveragePool or GlobalAveragePool or Flatten or Unflatten or Concat or ChannelSlice or ChannelShuffle or Mul => graph.ProducerOf(tensor)!.Inputs.All(input => NeverNegative(graph, input)),
        _ => false,
    };
}
