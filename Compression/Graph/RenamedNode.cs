using System.Collections.Immutable;

namespace SparseGrid.Compression.Graph;

/// <summary>A node that reads and writes tensors of other names.</summary>
internal static class RenamedNode
{
    /// <summary>The same node with every tensor's name replaced; its own name and its parameters stay.</summary>
    /// <exception cref="NotSupportedException">The node is of a kind that is not known here.</exception>
    public static Node WithTensors(this Node node, Func<string, string> name)
    {
        ImmutableArray<string> inputs = [.. node.Inputs.Select(name)];
        ImmutableArray<string> outputs = [.. node.Outputs.Select(name)];
        var (from, to) = (inputs[0], outputs[0]);
        return node switch
        {
            Add add => add with { Left = from, Right = inputs[1], To = to, Inputs = inputs, Outputs = outputs },
            Mul mul => mul with { Left = from, Right = inputs[1], To = to, Inputs = inputs, Outputs = outputs },
            Concat concat => concat with { From = inputs, To = to, Inputs = inputs, Outputs = outputs },
            Conv conv => conv with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            Gemm gemm => gemm with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            BatchNorm norm => norm with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            ChannelScale scale => scale with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            ChannelSlice slice => slice with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            ChannelShuffle shuffle => shuffle with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            Relu relu => relu with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            Clip clip => clip with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            Sigmoid sigmoid => sigmoid with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            HardSigmoid gate => gate with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            HardSwish swish => swish with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            MaxPool pool => pool with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            AveragePool pool => pool with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            GlobalAveragePool pool => pool with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            Flatten flatten => flatten with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            Unflatten unflatten => unflatten with { From = from, To = to, Inputs = inputs, Outputs = outputs },
            _ => throw new NotSupportedException($"Node '{node.Name}' is a {node.GetType().Name}, whose tensors cannot be renamed."),
        };
    }
}
