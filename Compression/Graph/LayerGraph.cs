using System.Collections.Immutable;

namespace SparseGrid.Compression.Graph;

/// <summary>A network as an explicit graph in execution order; the module, the ONNX file, shapes, costs, masks and quantizers all derive from it.</summary>
/// <param name="Name">The network's name: resnet34.</param>
/// <param name="InputName">Name of the input tensor, [N, C, H, W].</param>
/// <param name="InputShape">Its shape without the batch.</param>
/// <param name="OutputName">Name of the output tensor: class scores [N, classes].</param>
/// <param name="Nodes">Every node after the ones whose outputs it reads.</param>
public sealed record LayerGraph(string Name, string InputName, ImageShape InputShape, string OutputName, ImmutableArray<Node> Nodes)
{
    /// <summary>What the file that the network came from says of itself; null for a network of a builder.</summary>
    public SourceMetadata? Metadata { get; init; }

    /// <summary>Parameters and buffers of all nodes, in graph order.</summary>
    public IEnumerable<ParameterShape> Parameters => Nodes.SelectMany(node => node.Parameters);

    /// <summary>The nodes that can be pruned and quantized, in graph order.</summary>
    public IEnumerable<Node> WeightedNodes => Nodes.Where(node => node is IWeightedNode);

    /// <summary>The node that writes a tensor; null for the network's input.</summary>
    public Node? ProducerOf(string tensor) => Nodes.FirstOrDefault(node => node.Outputs.Contains(tensor));

    /// <summary>The nodes that read a tensor, in graph order.</summary>
    public IEnumerable<Node> ConsumersOf(string tensor) => Nodes.Where(node => node.Inputs.Contains(tensor));

    /// <summary>Every reason why this is not a graph that can run; empty when it is one.</summary>
    public IEnumerable<string> Problems()
    {
        var known = new HashSet<string> { InputName };
        var names = new HashSet<string>();
        foreach (var node in Nodes)
        {
            if (!names.Add(node.Name))
                yield return $"Two nodes are named '{node.Name}'; parameters are found by that name, so it must be unique.";
            foreach (var input in node.Inputs.Where(input => !known.Contains(input)))
                yield return $"Node '{node.Name}' reads '{input}', which neither the input nor an earlier node writes.";
            foreach (var output in node.Outputs.Where(output => !known.Add(output)))
                yield return $"Node '{node.Name}' writes '{output}', which is written already.";
        }

        if (!known.Contains(OutputName))
            yield return $"The output '{OutputName}' is written by no node.";
    }
}
