using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Onnx;

public sealed class Float32ExportTests
{
    public static TheoryData<string, int, BatchNormForm, int> Networks => new()
    {
        { "resnet8", 8, BatchNormForm.Fold, 13 },
        { "resnet8", 8, BatchNormForm.Keep, 13 },
        { "resnet8", 8, BatchNormForm.Fold, 21 },
        { "resnet8", 8, BatchNormForm.Keep, 19 },
        { "resnet18", 32, BatchNormForm.Fold, 13 },
        { "resnet50", 32, BatchNormForm.Fold, 17 },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Scores_of_the_exported_file_are_those_of_plain_loops(string name, int size, BatchNormForm form, int opset)
    {
        var graph = ResNet.Build(name, new(3, size, size), 10, width: 8);
        var weights = TestNetwork.Weights(graph, seed: 1);
        AssertSameScores(graph, weights, new(opset, form), batch: 3);
    }

    [Theory]
    [InlineData(13)]
    [InlineData(19)]
    public void Every_kind_of_node_computes_what_its_definition_says(int opset)
    {
        var graph = EveryNode();
        AssertSameScores(graph, TestNetwork.Weights(graph, seed: 2), new(opset), batch: 2);
        AssertSameScores(graph, TestNetwork.Weights(graph, seed: 3), new(opset, BatchNormForm.Keep, Batch: 2), batch: 2);
    }

    [Fact]
    public void Equal_inputs_give_equal_bytes()
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10);
        var first = OnnxExporter.Export(graph, TestNetwork.Weights(graph, seed: 4), new());
        var second = OnnxExporter.Export(
            ResNet.Build("resnet8", new(1, 8, 8), 10), TestNetwork.Weights(graph, seed: 4).Reverse().ToDictionary(), new());
        Assert.Equal(first, second);
        Assert.NotEqual(first, OnnxExporter.Export(graph, TestNetwork.Weights(graph, seed: 5), new()));
    }

    [Fact]
    public void Nodes_and_weights_keep_their_names()
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10);
        var file = ExportedSparsity.Parse(OnnxExporter.Export(graph, TestNetwork.Weights(graph, seed: 1), new(BatchNorm: BatchNormForm.Keep)));
        Assert.Equal(graph.Nodes.Select(node => node.Name), file.Graph.Node.Select(node => node.Name));
        Assert.Equal(graph.Parameters.Select(parameter => parameter.Name).Order(), file.Graph.Initializer.Select(tensor => tensor.Name).Order());
        Assert.Equal("N", file.Graph.Input.Single().Type.TensorType.Shape.Dim[0].DimParam);
    }

    [Fact]
    public void Folding_leaves_a_normalization_whose_input_others_read_too()
    {
        var builder = new GraphBuilder("input");
        var conv = builder.Add(new Conv("conv", "input", "conv_out", 4, 4, Window.Square(1)));
        var norm = builder.Add(new BatchNorm("bn", conv, "bn_out", 4));
        var sum = builder.Add(new Add("add", norm, conv, "output"));
        var graph = new LayerGraph("shared", "input", new(4, 2, 2), sum, builder.Nodes);

        var folded = BatchNormFolding.Fold(graph, TestNetwork.Weights(graph, seed: 1));

        Assert.Equal(graph.Nodes, folded.Graph.Nodes);
        AssertSameScores(graph, TestNetwork.Weights(graph, seed: 1), new(), batch: 2);
    }

    [Fact]
    public void Folds_a_normalization_exactly_in_powers_of_two()
    {
        var builder = new GraphBuilder("input");
        builder.ConvNorm("conv", "bn", "input", 1, 1, Window.Square(1));
        var graph = new LayerGraph("one", "input", new(1, 1, 1), "bn_out", builder.Nodes) with { };
        graph = graph with { Nodes = [graph.Nodes[0], ((BatchNorm)graph.Nodes[1]) with { Epsilon = 0 }] };
        var weights = new Dictionary<string, HostArray>
        {
            ["conv.weight"] = HostArray.Of([3f], 1, 1, 1, 1),
            ["bn.weight"] = HostArray.Of([-2f], 1),
            ["bn.bias"] = HostArray.Of([5f], 1),
            ["bn.running_mean"] = HostArray.Of([8f], 1),
            ["bn.running_var"] = HostArray.Of([16f], 1),
        };

        var folded = BatchNormFolding.Fold(graph, weights);

        Assert.Equal(-1.5f, folded.Weights["conv.weight"].Floats[0]);   // 3 · (−2 / 4)
        Assert.Equal(9f, folded.Weights["conv.bias"].Floats[0]);        // 5 − 8 · (−2 / 4)
        Assert.DoesNotContain("bn.weight", folded.Weights.Keys);
        Assert.Equal(5, weights.Count);
    }

    [Fact]
    public void A_missing_or_misshapen_weight_is_named()
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10);
        var weights = TestNetwork.Weights(graph, seed: 1);
        weights["fc.bias"] = HostArray.Of(new float[9], 9);
        Assert.Contains("'fc.bias' is F32 [9], but the graph takes F32 [10]",
            Assert.Throws<InvalidDataException>(() => OnnxExporter.Export(graph, weights, new())).Message, StringComparison.Ordinal);
        weights.Remove("layer1.0.bn1.running_var");
        Assert.Contains("'layer1.0.bn1.running_var'",
            Assert.Throws<InvalidDataException>(() => OnnxExporter.Export(graph, weights, new())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => OnnxExporter.Export(graph, weights, new(Opset: 12)));
        Assert.Throws<ArgumentException>(() => OnnxExporter.Export(graph, weights, new(Batch: 0)));
    }

    /// <summary>Grouped, dilated and strided convolutions, unequal padding, both pools, a concatenation and a fully connected layer after a flatten with H,
    /// W above 1.</summary>
    internal static LayerGraph EveryNode()
    {
        var builder = new GraphBuilder("input");
        var x = builder.ConvNormRelu("stem", "stem.bn", "stem.relu", "input", 4, 8, new(3, 2, 1, 2, PadTop: 1, PadLeft: 0, PadBottom: 2, PadRight: 1));
        var grouped = builder.Add(new Conv("grouped", x, "grouped_out", 8, 8, new(3, 3, PadTop: 2, PadLeft: 2, PadBottom: 2, PadRight: 2, DilationHeight: 2, DilationWidth: 2), Groups: 4, HasBias: true));
        grouped = builder.Add(new BatchNorm("grouped.bn", grouped, "grouped_bn_out", 8));
        var both = builder.Add(new Concat("concat", [grouped, x], "concat_out"));
        var most = builder.Add(new MaxPool("most", both, "most_out", Window.Square(3, 2, 1)));
        var mean = builder.Add(new AveragePool("mean", most, "mean_out", Window.Square(2, 1, 1), CountPadding: false));
        mean = builder.Add(new AveragePool("mean2", mean, "mean2_out", Window.Square(2, 1, 1)));
        var flat = builder.Add(new Flatten("flatten", mean, "flatten_out"));
        var shape = GraphShapes.Of(new("part", "input", new(4, 9, 11), flat, builder.Nodes))[flat];
        var hidden = builder.Add(new Gemm("hidden", flat, "hidden_out", shape.Count, 12, HasBias: false));
        hidden = builder.Add(new Relu("hidden.relu", hidden, "hidden_relu_out"));
        var output = builder.Add(new Gemm("fc", hidden, "output", 12, 5));
        return new("every", "input", new(4, 9, 11), output, builder.Nodes);
    }

    private static void AssertSameScores(LayerGraph graph, Dictionary<string, HostArray> weights, ExportOptions options, int batch)
    {
        var images = TestNetwork.Normal(batch * graph.InputShape.Count, seed: 9);
        var expected = new ReferenceForward(graph, weights).Run(images, batch)[graph.OutputName];

        using var session = OnnxRuntimeSession.Load(OnnxExporter.Export(graph, weights, options));
        var scores = session.Run(images, batch);

        Assert.Equal(expected.Length, scores.Length);
        var scale = expected.Max(Math.Abs);
        Assert.All(expected.Zip(scores), pair => Assert.InRange(pair.Second, pair.First - 1e-4 * scale, pair.First + 1e-4 * scale));
    }
}
