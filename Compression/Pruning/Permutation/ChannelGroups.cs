using System.Collections.Immutable;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>Finds the groups of channels of a network that can be reordered without changing what it computes.</summary>
/// <remarks>
/// Every tensor has its channels; a node that passes channels on makes its input's and its output's one. What is one is permuted by one permutation: siblings
/// share it on C, coparents on K. Channels of several counts made one by a Concat, or read by a grouped convolution, share a permutation of the greatest common
/// divisor, repeated. The network's own inputs and outputs are never reordered. As in apex.contrib.sparsity's permutation_lib; an unknown node refuses its
/// groups, as there.
/// </remarks>
public static class ChannelGroups
{
    /// <summary>The groups that a node makes and a node reads, in the order of their first producer. ResNet-34 has 20: one in each block and one a stage.</summary>
    /// <exception cref="InvalidDataException">The graph's shapes do not fit one another.</exception>
    public static ImmutableArray<ChannelGroup> Of(LayerGraph graph)
    {
        var shapes = GraphShapes.Of(graph);
        var classes = new ChannelClasses(shapes);
        classes.Forbid(graph.InputName, $"'{graph.InputName}' is the network's input");
        classes.Forbid(graph.OutputName, $"'{graph.OutputName}' is the network's output");
        foreach (var node in graph.Nodes)
            Visit(node, classes, shapes);

        var places = graph.Nodes.Select((node, place) => (node.Name, place)).ToDictionary(node => node.Name, node => node.place);
        return
        [
            .. from found in classes.All
               where found.Producers.Count > 0 && found.Consumers.Count > 0
               let producers = found.Producers.OrderBy(name => places[name]).ToImmutableArray()
               orderby places[producers[0]]
               select new ChannelGroup(
                   producers[0], found.Unit, producers, [.. found.Consumers.OrderBy(name => places[name])],
                   [.. found.Arrays.OrderBy(axis => places[axis.Node])], string.Join("; ", found.Obstacles)),
        ];
    }

    private static void Visit(Node node, ChannelClasses classes, IReadOnlyDictionary<string, ImageShape> shapes)
    {
        switch (node)
        {
            case Conv conv when conv.Groups == conv.InChannels && conv.InChannels == conv.OutChannels && conv.Groups > 1:
                Carry(conv, classes);
                break;
            case Conv conv:
                Consume(conv, conv.InChannels / conv.Groups, conv.Groups, classes);
                Produce(conv, classes);
                if (conv.Groups > 1)
                    classes.Forbid(conv.Output, $"{conv.Name} has {conv.Groups} groups, whose output channels stay where they are");
                break;
            case Gemm gemm:
                Consume(gemm, gemm.InFeatures, 1, classes);
                Produce(gemm, classes);
                break;
            case BatchNorm or ChannelScale:
                Carry(node, classes);
                break;
            case Flatten when shapes[node.Input] is { Height: > 1 } or { Width: > 1 }:
                classes.Join(node.Input, node.Output);
                classes.Forbid(node.Output, $"{node.Name} spreads each channel over {shapes[node.Input].Height * shapes[node.Input].Width} features");
                break;
            case Relu or Clip or Sigmoid or HardSigmoid or HardSwish or Add or Mul or Concat or MaxPool or AveragePool or GlobalAveragePool or Flatten or Unflatten:
                foreach (var input in node.Inputs)
                    classes.Join(input, node.Output);
                break;
            default:
                foreach (var tensor in node.Inputs.Concat(node.Outputs))
                    classes.Join(tensor, node.Output);
                classes.Forbid(node.Output, $"{node.Name} is a {node.GetType().Name}, which is not known to leave channels apart");
                break;
        }
    }

    // The node's arrays lie along the channels that it passes on.
    private static void Carry(Node node, ChannelClasses classes)
    {
        classes.Join(node.Input, node.Output);
        foreach (var parameter in node.Parameters)
            classes.Of(node.Output).Arrays.Add(new(parameter.Name, 0, node.Name));
    }

    private static void Produce(Node node, ChannelClasses classes)
    {
        var made = classes.Of(node.Output);
        made.Producers.Add(node.Name);
        foreach (var parameter in node.Parameters)
            made.Arrays.Add(new(parameter.Name, 0, node.Name));
    }

    // A grouped convolution sees the same order in each of its groups, so these channels are that many repetitions.
    private static void Consume(Node node, int channels, int groups, ChannelClasses classes)
    {
        var read = classes.Of(node.Input);
        read.Consumers.Add(node.Name);
        read.Arrays.Add(new(((IWeightedNode)node).WeightName, 1, node.Name));
        read.Divide(channels);
        if (groups > 1 && (channels <= 4 || channels % 4 != 0))
            classes.Forbid(node.Input, $"{node.Name} has {channels} input channels in each of {groups} groups; more than 4 and a multiple of 4 can be reordered");
    }
}
