using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>Small networks that between them hold every node that the engine knows.</summary>
internal static class TestGraphs
{
    public static IReadOnlyDictionary<string, (LayerGraph Graph, QuantizedLayers? Layers)> All { get; } = new Dictionary<string, (LayerGraph, QuantizedLayers?)>
    {
        ["resnet8"] = (ResNet.Build("resnet8", new ImageShape(3, 12, 12), 10), null),
        ["wide resnet8"] = (ResNet.Build("resnet8", new ImageShape(3, 12, 12), 10, width: 64), null),
        ["resnet8 with float ends"] = (ResNet.Build("resnet8", new ImageShape(3, 12, 12), 10), new QuantizedLayers(Ends: FloatEnds.Both)),
        ["resnet8 with float adds"] = (ResNet.Build("resnet8", new ImageShape(3, 12, 12), 10), new QuantizedLayers(Residual: false)),
        ["inverted residuals"] = (InvertedResiduals(), null),
        ["branches"] = (Branches(), null),
        ["gates"] = (Gates(), null),
        ["classifier of maps"] = (ClassifierOfMaps(), null),
    };

    // MobileNet's kind of block: ReLU6, depthwise convolution, squeeze-and-excitation, hard swish, an add without activation.
    private static LayerGraph InvertedResiduals()
    {
        var builder = new GraphBuilder("input");
        var x = builder.Add(new ChannelScale("normalize", "input", "normalize_out", 3));
        x = builder.ConvNorm("stem", "stem_bn", x, 3, 16, Window.Square(3, 2, 1));
        var identity = builder.Add(new HardSwish("stem_act", x, "stem_act_out"));
        x = builder.ConvNorm("expand", "expand_bn", identity, 16, 48, Window.Square(1));
        x = builder.Add(new Clip("expand_act", x, "expand_act_out", 0, 6));
        x = builder.Add(new Conv("depthwise", x, "depthwise_out", 48, 48, Window.Square(5, 1, 2), Groups: 48));
        x = builder.Add(new BatchNorm("depthwise_bn", x, "depthwise_bn_out", 48));
        var features = builder.Add(new Clip("depthwise_act", x, "depthwise_act_out", 0, 6));
        x = builder.Add(new GlobalAveragePool("squeeze", features, "squeeze_out"));
        x = builder.Add(new Conv("reduce", x, "reduce_out", 48, 8, Window.Square(1), HasBias: true));
        x = builder.Add(new Relu("reduce_act", x, "reduce_act_out"));
        x = builder.Add(new Conv("excite", x, "excite_out", 8, 48, Window.Square(1), HasBias: true));
        x = builder.Add(new HardSigmoid("gate", x, "gate_out"));
        x = builder.Add(new Mul("scale", features, x, "scale_out"));
        x = builder.ConvNorm("project", "project_bn", x, 48, 16, Window.Square(1));
        x = builder.Add(new Add("add", x, identity, "add_out"));
        return Head(builder, "inverted-residuals", x, 16);
    }

    // Concatenation, slices, shuffles, average pools, dilation, uneven padding, normalization before convolution, adds that cannot be fused.
    private static LayerGraph Branches()
    {
        var builder = new GraphBuilder("input");
        var x = builder.Add(new Conv("stem", "input", "stem_out", 3, 16, new Window(3, 5, 1, 2, 1, 2, 0, 1), HasBias: true));
        x = builder.Add(new Relu("stem_act", x, "stem_act_out"));
        var pooled = builder.Add(new MaxPool("pool", x, "pool_out", Window.Square(3, 1, 1)));
        var left = builder.Add(new ChannelSlice("left", pooled, "left_out", 0, 8));
        var right = builder.Add(new ChannelSlice("right", pooled, "right_out", 8, 8));
        left = builder.Add(new Conv("dilated", left, "dilated_out", 8, 12, new Window(3, 3, 1, 1, 2, 2, 2, 2, 2, 2)));
        left = builder.Add(new Relu("dilated_act", left, "dilated_act_out"));
        right = builder.Add(new AveragePool("mean", right, "mean_out", Window.Square(3, 1, 1), CountPadding: false));
        right = builder.Add(new Conv("grouped", right, "grouped_out", 8, 8, Window.Square(3, 1, 1), Groups: 2));
        x = builder.Add(new Concat("concat", [left, right, pooled], "concat_out"));
        x = builder.Add(new ChannelShuffle("shuffle", x, "shuffle_out", 4));
        x = builder.Add(new BatchNorm("preact_bn", x, "preact_bn_out", 36));
        x = builder.Add(new Relu("preact", x, "preact_out"));
        var a = builder.Add(new Conv("a", x, "a_out", 36, 24, Window.Square(1), HasBias: true));
        var b = builder.Add(new Conv("b", x, "b_out", 36, 24, Window.Square(1), HasBias: true));
        a = builder.Add(new Relu("a_act", a, "a_act_out"));
        x = builder.Add(new Add("sum", a, b, "sum_out"));
        x = builder.Add(new Add("twice", x, x, "twice_out"));
        x = builder.Add(new AveragePool("half", x, "half_out", new Window(2, 1, 2, 1)));
        return Head(builder, "branches", x, 24);
    }

    // EfficientNet's kind of block, with channels that fill neither vectors nor blocks: SiLU, depthwise convolution with a stride, squeeze-and-excitation by a sigmoid; a 5x5 stem with stride 2.
    private static LayerGraph Gates()
    {
        var builder = new GraphBuilder("input");
        var x = builder.ConvNorm("stem", "stem_bn", "input", 3, 24, Window.Square(5, 2, 2));
        x = Silu("stem", x);
        var identity = x;
        x = builder.ConvNorm("expand", "expand_bn", x, 24, 72, Window.Square(1));
        x = Silu("expand", x);
        x = builder.Add(new Conv("depthwise", x, "depthwise_out", 72, 72, Window.Square(3, 1, 1), Groups: 72, HasBias: true));
        var features = Silu("depthwise", x);
        x = builder.Add(new GlobalAveragePool("squeeze", features, "squeeze_out"));
        x = builder.Add(new Conv("reduce", x, "reduce_out", 72, 6, Window.Square(1), HasBias: true));
        x = Silu("reduce", x);
        x = builder.Add(new Conv("excite", x, "excite_out", 6, 72, Window.Square(1), HasBias: true));
        x = builder.Add(new Sigmoid("gate", x, "gate_out"));
        x = builder.Add(new Mul("scale", features, x, "scale_out"));
        x = builder.ConvNorm("project", "project_bn", x, 72, 24, Window.Square(1));
        x = builder.Add(new Add("add", x, identity, "add_out"));
        x = builder.ConvNormRelu("widen", "widen_bn", "widen_act", x, 24, 144, Window.Square(3, 1, 1));
        x = builder.Add(new Conv("halve", x, "halve_out", 144, 144, Window.Square(3, 2, 1), Groups: 144, HasBias: true));
        x = builder.Add(new Relu("halve_act", x, "halve_act_out"));
        x = builder.Add(new MaxPool("pool", x, "pool_out", Window.Square(2, 1)));
        return Head(builder, "gates", x, 144);

        string Silu(string name, string from)
        {
            var gate = builder.Add(new Sigmoid($"{name}_gate", from, $"{name}_gate_out"));
            return builder.Add(new Mul($"{name}_act", from, gate, $"{name}_act_out"));
        }
    }

    // VGG's kind of end: maps flattened into a fully connected layer, and a hidden one behind it.
    private static LayerGraph ClassifierOfMaps()
    {
        var builder = new GraphBuilder("input");
        var x = builder.ConvNormRelu("conv", "bn", "relu", "input", 3, 16, Window.Square(3, 2, 1));
        x = builder.Add(new MaxPool("pool", x, "pool_out", Window.Square(2, 2)));
        x = builder.Add(new Flatten("flatten", x, "flatten_out"));
        x = builder.Add(new Gemm("hidden", x, "hidden_out", 16 * 3 * 3, 32));
        x = builder.Add(new Relu("hidden_act", x, "hidden_act_out"));
        x = builder.Add(new Gemm("fc", x, "output", 32, 10));
        return new("classifier-of-maps", "input", new(3, 12, 12), x, builder.Nodes);
    }

    private static LayerGraph Head(GraphBuilder builder, string name, string x, int channels)
    {
        x = builder.Add(new GlobalAveragePool("avgpool", x, "avgpool_out"));
        x = builder.Add(new Flatten("flatten", x, "flatten_out"));
        x = builder.Add(new Gemm("fc", x, "output", channels, 10));
        return new(name, "input", new(3, 12, 12), x, builder.Nodes);
    }
}
