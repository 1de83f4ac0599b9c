using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>A network as the recorded cases describe it, line by line, as a layer graph: "conv1: QuantConv2d(3,8,3,padding 1,no bias)".</summary>
internal sealed class NetworkText
{
    private readonly GraphBuilder builder = new("input");
    private readonly List<string> floats = [];
    private int channels;

    private NetworkText(int channels) => this.channels = channels;

    /// <summary>The graph, and which of its layers the description quantizes.</summary>
    /// <exception cref="Xunit.Sdk.SkipException">A line describes what no node stands for.</exception>
    public static (LayerGraph Graph, QuantizedLayers Layers) Parse(IEnumerable<string> lines, ImageShape input)
    {
        var text = new NetworkText(input.Channels);
        var x = text.builder.Input;
        foreach (var line in lines)
            x = text.Append(line, x);
        var exclude = text.floats.Count > 0 ? LayerPatterns.Parse(text.floats) : null;
        return (new("described", text.builder.Input, input, x, text.builder.Nodes), new(Exclude: exclude));
    }

    private string Append(string line, string x)
    {
        var (name, what) = line.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon ? (line[..colon], line[(colon + 2)..]) : (null, line);
        if (what.Contains('(', StringComparison.Ordinal))
            return Module(name ?? Free(what), ModuleText.Parse(what), x);

        string Named(string usual) => name ?? Free(usual);
        if (what is "relu")
            return builder.Add(new Relu(Named("relu"), x, $"{Named("relu")}_out"));
        if (what is "flatten")
            return builder.Add(new Flatten(Named("flatten"), x, $"{Named("flatten")}_out"));
        if (what is "global average pool")
        {
            floats.Add(Named("avgpool"));
            return builder.Add(new GlobalAveragePool(Named("avgpool"), x, $"{Named("avgpool")}_out"));
        }

        if (what.StartsWith("maxpool ", StringComparison.Ordinal))
        {
            var pool = ModuleText.Parse($"maxpool({what["maxpool ".Length..]})");
            return builder.Add(new MaxPool(Named("maxpool"), x, $"{Named("maxpool")}_out", Window.Square(pool.Number(0, "kernel"), pool.Number(1, "stride", 1), pool.Number(2, "padding", 0))));
        }

        throw Unknown(line);
    }

    private string Module(string name, ModuleText text, string x)
    {
        var to = $"{name}_out";
        if (text.Kind is "Conv2d" or "Linear" or "AvgPool2d" or "AdaptiveAvgPool2d")
            floats.Add(name);
        switch (text.Kind)
        {
            case "QuantConv2d" or "Conv2d":
                channels = text.Number(1, "out");
                var window = Window.Square(text.Number(2, "kernel"), text.Number(3, "stride", 1), text.Number(4, "padding", 0)) with
                {
                    DilationHeight = text.Number(5, "dilation", 1), DilationWidth = text.Number(5, "dilation", 1),
                };
                return builder.Add(new Conv(name, x, to, text.Number(0, "in"), channels, window, text.Number(6, "groups", 1), text.Truth("bias", otherwise: true)));
            case "QuantLinear" or "Linear":
                return builder.Add(new Gemm(name, x, to, text.Number(0, "in"), text.Number(1, "out"), text.Truth("bias", otherwise: true)));
            case "BatchNorm2d":
                return builder.Add(new BatchNorm(name, x, to, text.Number(0, "channels", channels)));
            case "BasicBlock":
                channels = text.Number(1, "planes");
                return ResNet.AddBasicBlock(builder, name, x, text.Number(0, "inplanes"), channels, text.Number(2, "stride", 1), text.Truth("downsample", otherwise: false));
            case "Bottleneck":
                var planes = text.Number(1, "planes");
                channels = 4 * planes;
                return ResNet.AddBottleneck(builder, name, x, text.Number(0, "inplanes"), planes, text.Number(2, "stride", 1), text.Truth("downsample", otherwise: false));
            case "QuantAvgPool2d" or "AvgPool2d":
                var size = text.Number(0, "kernel");
                return builder.Add(new AveragePool(name, x, to, Window.Square(size, text.Number(1, "stride", size), text.Number(2, "padding", 0))));
            case "QuantAdaptiveAvgPool2d" or "AdaptiveAvgPool2d" when text.Pair(0, "output") == (1, 1):
                return builder.Add(new GlobalAveragePool(name, x, to));
            default:
                throw Unknown(text.Kind);
        }
    }

    // The name itself the first time, then with a number.
    private string Free(string usual)
    {
        var taken = builder.Nodes.Select(node => node.Name).ToImmutableHashSet();
        return Enumerable.Range(1, taken.Count + 1).Select(number => number == 1 ? usual : $"{usual}{number}").First(name => !taken.Contains(name));
    }

    private static Xunit.Sdk.SkipException Unknown(string line) => Xunit.Sdk.SkipException.ForSkip($"the layer graph has no node for '{line}'");
}
