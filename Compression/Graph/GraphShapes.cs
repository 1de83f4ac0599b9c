namespace SparseGrid.Compression.Graph;

/// <summary>The shape of every tensor of a graph, without the batch.</summary>
public static class GraphShapes
{
    /// <summary>Walks the graph once.</summary>
    /// <exception cref="InvalidDataException">A node cannot take what it is given; the message names the node and both shapes.</exception>
    public static IReadOnlyDictionary<string, ImageShape> Of(LayerGraph graph)
    {
        var shapes = new Dictionary<string, ImageShape> { [graph.InputName] = graph.InputShape };
        foreach (var node in graph.Nodes)
            shapes[node.Output] = OutputOf(node, [.. node.Inputs.Select(name => shapes[name])]);
        return shapes;
    }

    /// <summary>What a node makes of inputs of those shapes.</summary>
    internal static ImageShape OutputOf(Node node, params ReadOnlySpan<ImageShape> inputs)
    {
        var first = inputs[0];
        switch (node)
        {
            case Conv conv:
                Expect(node, first.Channels == conv.InChannels, first, $"{conv.InChannels} channels");
                return Slide(node, conv.Window, first, conv.OutChannels);
            case MaxPool pool:
                return Slide(node, pool.Window, first, first.Channels);
            case AveragePool pool:
                return Slide(node, pool.Window, first, first.Channels);
            case BatchNorm norm:
                Expect(node, first.Channels == norm.Channels, first, $"{norm.Channels} channels");
                return first;
            case Add:
                Expect(node, inputs[1] == first, inputs[1], $"{first}, like its first input");
                return first;
            case Mul:
                Expect(node, inputs[1] == first || inputs[1] == new ImageShape(first.Channels, 1, 1), inputs[1], $"{first}, like its first input, or its channels alone");
                return first;
            case Concat:
                var channels = 0;
                foreach (var input in inputs)
                {
                    Expect(node, (input.Height, input.Width) == (first.Height, first.Width), input, $"{first.Height} rows and {first.Width} columns");
                    channels += input.Channels;
                }

                return first with { Channels = channels };
            case ChannelScale scale:
                Expect(node, first.Channels == scale.Channels, first, $"{scale.Channels} channels");
                return first;
            case ChannelSlice slice:
                Expect(node, slice.Start >= 0 && slice.Count > 0 && slice.Start + slice.Count <= first.Channels, first, $"at least {slice.Start + slice.Count} channels");
                return first with { Channels = slice.Count };
            case ChannelShuffle shuffle:
                Expect(node, first.Channels % shuffle.Groups == 0, first, $"channels in {shuffle.Groups} equal groups");
                return first;
            case Unflatten:
                Expect(node, (first.Height, first.Width) == (1, 1), first, "a vector");
                return first;
            case GlobalAveragePool:
                return new(first.Channels, 1, 1);
            case Flatten:
                return new(first.Count, 1, 1);
            case Gemm gemm:
                Expect(node, first == new ImageShape(gemm.InFeatures, 1, 1), first, $"{gemm.InFeatures} features");
                return new(gemm.OutFeatures, 1, 1);
            default:
                return first;
        }
    }

    private static ImageShape Slide(Node node, Window window, ImageShape input, int channels)
    {
        var (height, width) = window.OutputOf(input.Height, input.Width);
        Expect(node, height > 0 && width > 0, input, $"at least the {window.KernelHeight}x{window.KernelWidth} kernel with its padding");
        return new(channels, height, width);
    }

    private static void Expect(Node node, bool holds, ImageShape found, string wanted)
    {
        if (!holds)
            throw new InvalidDataException($"Node '{node.Name}' is given {found}, but takes {wanted}.");
    }
}
