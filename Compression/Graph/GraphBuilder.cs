using System.Collections.Immutable;

namespace SparseGrid.Compression.Graph;

/// <summary>Collects nodes in order; each call gives back the name of the tensor it wrote.</summary>
public sealed class GraphBuilder(string input)
{
    private readonly ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();

    /// <summary>Name of the network's input.</summary>
    public string Input { get; } = input;

    /// <summary>What was added so far.</summary>
    public ImmutableArray<Node> Nodes => nodes.ToImmutable();

    /// <summary>Appends one node.</summary>
    public string Add(Node node)
    {
        nodes.Add(node);
        return node.Output;
    }

    /// <summary>Appends a convolution without bias and its batch normalization.</summary>
    public string ConvNorm(string conv, string norm, string from, int inChannels, int outChannels, Window window)
    {
        var x = Add(new Conv(conv, from, $"{conv}_out", inChannels, outChannels, window));
        return Add(new BatchNorm(norm, x, $"{norm}_out", outChannels));
    }

    /// <summary>Appends a convolution without bias, its batch normalization and a ReLU.</summary>
    public string ConvNormRelu(string conv, string norm, string relu, string from, int inChannels, int outChannels, Window window)
    {
        var x = ConvNorm(conv, norm, from, inChannels, outChannels, window);
        return Add(new Relu(relu, x, $"{relu}_out"));
    }
}
