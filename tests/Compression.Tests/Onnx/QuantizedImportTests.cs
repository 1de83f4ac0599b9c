using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Onnx.Schema;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Golden;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>Quantized files, our own and pytorch-quantization's, come back as layer graph, float weights, placement and ranges.</summary>
public sealed class QuantizedImportTests
{
    private const int Batch = 4;

    public static TheoryData<string, string, BatchNormForm> Exports
    {
        get
        {
            var exports = new TheoryData<string, string, BatchNormForm>();
            foreach (var name in (string[])["resnet8", "resnet50", "every"])
            {
                foreach (var dialect in Dialect.All)
                {
                    exports.Add(name, dialect.Name, BatchNormForm.Fold);
                    exports.Add(name, dialect.Name, BatchNormForm.Keep);
                }
            }

            return exports;
        }
    }

    [Theory]
    [MemberData(nameof(Exports))]
    public void Our_own_file_comes_back_with_its_ranges_and_is_written_again_as_it_was(string name, string dialectName, BatchNormForm form)
    {
        var graph = name == "every" ? Float32ExportTests.EveryNode() : ResNet.Build(name, new(3, 16, 16), 10, width: 8);
        var (file, placement, ranges) = Export(graph, Dialect.Named(dialectName), form, seed: 3, QuantizedLayers.All);
        var network = OnnxImport.Read(file, "quantized.onnx");
        var quantization = network.Quantization!;

        Assert.Empty(network.Notes);
        Assert.Equal(dialectName, quantization.Dialect.Name);
        Assert.Equal(placement.Activations, quantization.Placement.Activations);
        Assert.Equal(placement.Weights, quantization.Placement.Weights);
        Assert.Equal(placement.FloatReaders.Order(), quantization.Placement.FloatReaders.Order());
        Assert.All(placement.Activations, place => ImportedModel.AssertSameRange(ranges.Activations[place.Tensor], quantization.Ranges.Activations[place.Tensor], place.MaxLevel));
        // Folded, a weight's scales take up the normalization: they are those of the file.
        if (form == BatchNormForm.Keep)
            Assert.All(ranges.Weights, range => Assert.All(range.Value.Zip(quantization.Ranges.Weights[range.Key]), pair => ImportedModel.AssertSameRange(pair.First, pair.Second, 127)));
        ImportedModel.AssertSameFile(file, network, form);

        var images = HostArray.Of(TestNetwork.Normal(Batch * graph.InputShape.Count, seed: 21), Batch, graph.InputShape.Channels, graph.InputShape.Height, graph.InputShape.Width);
        AssertScoresOfTheFile(network, file, images);
    }

    [Fact]
    public void Files_of_random_networks_and_choices_of_layers_are_written_again_as_they_were()
    {
        var rounds = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 1000 : 60;
        for (var seed = 0; seed < rounds; seed++)
        {
            var graph = RandomGraph.Of(seed);
            var dialect = Dialect.All[seed % Dialect.All.Length];
            var form = seed % 2 == 0 ? BatchNormForm.Fold : BatchNormForm.Keep;
            TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
            var (file, placement, _) = Export(graph, dialect, form, seed, RandomGraph.Layers(graph, seed));
            var network = OnnxImport.Read(file, $"random{seed}.onnx");

            Assert.True(network.Notes.IsEmpty, $"seed {seed}: {string.Join(" ", network.Notes)}");
            Assert.Equal(placement.Activations, network.Quantization!.Placement.Activations);
            Assert.Equal(placement.FloatReaders.Order(), network.Quantization.Placement.FloatReaders.Order());
            ImportedModel.AssertSameFile(file, network, form);
        }
    }

    [Fact]
    public void An_imported_network_trains_on_with_its_quantizers()
    {
        var (file, _, _) = Export(ResNet.Build("resnet8", new(3, 8, 8), 10, width: 8), Dialect.Ort, BatchNormForm.Keep, seed: 5, QuantizedLayers.All);
        var imported = OnnxImport.Read(file, "quantized.onnx");
        using var scope = NewDisposeScope();
        using var network = new GraphNetwork(imported.Graph, imported.Weights, ComputeDevice.Cpu);
        network.Quantize(imported.Quantization!.Placement, imported.Quantization.Ranges, ImportedQuantization.Rounding);
        using var optimizer = new MaskedSgd(network.Trained, new Dictionary<string, HostArray>(), 0.9, 0);
        var (images, labels) = (tensor(TestNetwork.Normal(8 * 192, seed: 6), [8, 3, 8, 8]), arange(8, dtype: ScalarType.Int64));
        var losses = new List<float>();
        for (var step = 0; step < 12; step++)
        {
            var loss = nn.functional.cross_entropy(network.Forward(images, training: true), labels);
            losses.Add(loss.item<float>());
            loss.backward();
            optimizer.Step(0.02);
        }

        Assert.True(losses[^1] < losses[0] / 2, string.Join(" ", losses));
    }

    public static TheoryData<string> Recorded => [.. Directory.GetFiles(GoldenIndex.Folder, "quantnet_*.onnx").Order(StringComparer.Ordinal).Select(Path.GetFileNameWithoutExtension).OfType<string>()];

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Files_of_pytorch_quantization_come_back_with_their_scales_and_are_written_with_the_same_meaning(string name)
    {
        var file = File.ReadAllBytes(Path.Combine(GoldenIndex.Folder, $"{name}.onnx"));
        var network = OnnxImport.Read(file, name);
        var quantization = network.Quantization!;

        // Weights are the file's floats, not what their levels are worth.
        var stored = ExportedSparsity.Parse(file).Graph.Initializer.Single(tensor => tensor.Name == "block.conv2.weight");
        Assert.True(stored.RawData.Span.SequenceEqual(network.Weights["block.conv2.weight"].Bytes.Span));
        Assert.Equal(["conv1", "block.conv1", "block.conv2", "block.downsample.0", "fc"], quantization.Placement.Weights);
        Assert.Equal(name.Contains("unsigned", StringComparison.Ordinal), network.Notes.Any(note => note.Contains("places them otherwise", StringComparison.Ordinal)));
        Assert.Equal(name.Contains("per_tensor", StringComparison.Ordinal) ? 1 : 16, quantization.Ranges.Weights["block.conv2"].Length);

        var opset = (int)ExportedSparsity.Parse(file).OpsetImport.Single().Version;
        var again = OnnxExporter.ExportQuantized(
            network.Graph, network.Weights, quantization.Placement, quantization.Ranges, Dialect.TensorRt, new(opset, BatchNormForm.Keep, Rounding: ImportedQuantization.Rounding));
        Assert.Equal(0, OnnxExpression.Compare(OnnxExpression.Of(file), OnnxExpression.Of(again), 0));

        var (batch, shape) = ((int)(network.Batch ?? 8), network.Graph.InputShape);
        var images = HostArray.Of(TestNetwork.Normal(batch * shape.Count, seed: 4), batch, shape.Channels, shape.Height, shape.Width);
        AssertScoresOfTheFile(network, file, images);
    }

    [Theory]
    [InlineData("relu_out.zero_point", "has the zero point 3; here levels lie around zero")]
    [InlineData("relu_out.scale", "has the scale -1; scales are finite and above 0")]
    public void Levels_that_do_not_lie_around_zero_and_impossible_scales_are_refused(string constant, string reason) =>
        Assert.Contains(reason, Refused(model =>
        {
            var tensor = model.Graph.Initializer.Single(each => each.Name == constant);
            tensor.RawData = ByteString.CopyFrom(constant.EndsWith("scale", StringComparison.Ordinal) ? BitConverter.GetBytes(-1f) : [3]);
        }));

    [Fact]
    public void What_the_graph_has_no_form_for_is_refused_by_the_node_and_what_to_do()
    {
        Assert.Contains("node 'relu_out.QuantizeLinear' (QuantizeLinear) has 8 scales for an activation; one for all of it can be imported. Quantize activations per tensor", Refused(model =>
            Scales(model, "relu_out.scale", 8)));
        Assert.Contains("has a weight with scales along axis 1; output channels are axis 0. Quantize weights per output channel", Refused(model =>
        {
            Node(model, "layer1.0.conv1.weight.DequantizeLinear").Attribute.Single().I = 1;
        }));
        Assert.Contains("has another scale or zero point (1) than the QuantizeLinear before it", Refused(model =>
        {
            model.Graph.Initializer.Add(new TensorProto { Name = "one", DataType = 1, RawData = ByteString.CopyFrom(BitConverter.GetBytes(1f)) });
            Node(model, "relu_out.DequantizeLinear").Input[1] = "one";
        }));
        Assert.Contains("takes the integers 'relu_out.quantized'; between QuantizeLinear and DequantizeLinear nothing is computed here", Refused(model =>
            Node(model, "layer1.0.conv1").Input[0] = "relu_out.quantized"));
        Assert.Contains("tensor 'relu_out' has two quantizers, 'relu_out.DequantizeLinear' (uint8, scale ", Refused(model => AddQuantizer(model, "relu_out", "layer1.0.conv1")));
        Assert.Contains("rounds what 'relu_out.DequantizeLinear' (uint8, scale ", Refused(model => AddQuantizer(model, "relu_out.dequantized", "layer1.0.conv1")));
        Assert.Contains("rounds what 'input.DequantizeLinear' (int8, scale ", Refused(model =>
        {
            // By the same scale, but to levels from 0 on.
            AddQuantizer(model, "input.dequantized", "conv1");
            foreach (var node in model.Graph.Node.Where(node => node.Name is "second.Q" or "second.D"))
                node.Input[1] = "input.scale";
        }));
        Assert.Contains("node 'layer1.0.add' reads 'relu_out' as it is, though another node reads it quantized, and beside it 'layer1.0.bn2_out' quantized", Refused(model =>
            Node(model, "layer1.0.add").Input[1] = "relu_out"));
        Assert.Contains("node 'layer1.0.conv1' (QLinearConv) computes with integers.", Refused(model => Node(model, "layer1.0.conv1").OpType = "QLinearConv"));
    }

    [Fact]
    public void Quantizers_that_no_dialect_places_there_are_kept_and_said()
    {
        var model = Model();
        // The sum is quantized for the pool, the second convolution reads floats.
        Node(model, "layer1.0.conv2").Input[0] = "layer1.0.relu1_out";
        var network = OnnxImport.Read(model.ToByteArray(), "model.onnx");
        Assert.DoesNotContain("layer1.0.relu1_out", network.Quantization!.Ranges.Activations.Keys);
        Assert.Equal(
            "The file's quantizers are kept as they are; dialect ort, the nearest, places them otherwise: 'layer1.0.relu1_out' too.", Assert.Single(network.Notes));
        AssertScoresOfTheFile(network, model.ToByteArray(), HostArray.Of(TestNetwork.Normal(Batch * 192, seed: 7), Batch, 3, 8, 8));
    }

    [Fact]
    public void Unsigned_levels_around_128_are_int8_and_scales_without_zero_points_are_uint8()
    {
        var model = Model();
        model.Graph.Initializer.Single(tensor => tensor.Name == "input.zero_point").DataType = (int)TensorProto.Types.DataType.Uint8;
        model.Graph.Initializer.Single(tensor => tensor.Name == "input.zero_point").RawData = ByteString.CopyFrom(128);
        foreach (var node in model.Graph.Node.Where(node => node.Name is "relu_out.QuantizeLinear" or "relu_out.DequantizeLinear"))
            node.Input.RemoveAt(2);
        var network = OnnxImport.Read(model.ToByteArray(), "model.onnx");
        Assert.Empty(network.Notes);
        Assert.True(network.Quantization!.Placement.Activations.Single(place => place.Tensor == "input").Signed);
        Assert.False(network.Quantization.Placement.Activations.Single(place => place.Tensor == "relu_out").Signed);
        AssertScoresOfTheFile(network, model.ToByteArray(), HostArray.Of(TestNetwork.Normal(Batch * 192, seed: 7), Batch, 3, 8, 8));
    }

    [Fact]
    public void A_weight_at_level_minus_128_is_said()
    {
        var model = Model();
        var levels = model.Graph.Initializer.Single(tensor => tensor.Name == "fc.weight.quantized");
        var bytes = levels.RawData.ToByteArray();
        bytes[5] = 0x80;
        levels.RawData = ByteString.CopyFrom(bytes);
        Assert.StartsWith("1 of 320 weights of 'fc' have level −128", Assert.Single(OnnxImport.Read(model.ToByteArray(), "model.onnx").Notes));
    }

    // resnet8 in dialect ort.
    private static ModelProto Model() =>
        ExportedSparsity.Parse(Export(ResNet.Build("resnet8", new(3, 8, 8), 10, width: 8), Dialect.Ort, BatchNormForm.Keep, seed: 9, QuantizedLayers.All).File);

    private static string Refused(Action<ModelProto> change)
    {
        var model = Model();
        change(model);
        return Assert.Throws<InvalidDataException>(() => OnnxImport.Read(model.ToByteArray(), "model.onnx")).Message;
    }

    private static NodeProto Node(ModelProto model, string name) => model.Graph.Node.Single(node => node.Name == name);

    private static void Scales(ModelProto model, string name, int count)
    {
        var tensor = model.Graph.Initializer.Single(each => each.Name == name);
        tensor.Dims.Add(count);
        tensor.RawData = ByteString.CopyFrom([.. Enumerable.Range(0, count).SelectMany(_ => BitConverter.GetBytes(0.1f))]);
    }

    // A second pair of another scale, right before a node.
    private static void AddQuantizer(ModelProto model, string tensor, string reader)
    {
        model.Graph.Initializer.Add(new TensorProto { Name = "second", DataType = 1, RawData = ByteString.CopyFrom(BitConverter.GetBytes(0.125f)) });
        var node = Node(model, reader);
        var at = model.Graph.Node.IndexOf(node);
        model.Graph.Node.Insert(at, new NodeProto { OpType = "DequantizeLinear", Name = "second.D", Input = { "second.levels", "second" }, Output = { "second.dequantized" } });
        model.Graph.Node.Insert(at, new NodeProto { OpType = "QuantizeLinear", Name = "second.Q", Input = { tensor, "second" }, Output = { "second.levels" } });
        node.Input[0] = "second.dequantized";
    }

    /// <summary>A quantized file of seeded weights and ranges.</summary>
    internal static byte[] Exported(LayerGraph graph, Dialect dialect, BatchNormForm form, int seed) => Export(graph, dialect, form, seed, QuantizedLayers.All).File;

    private static (byte[] File, QuantizerPlacement Placement, QuantizationRanges Ranges) Export(
        LayerGraph graph, Dialect dialect, BatchNormForm form, int seed, QuantizedLayers layers)
    {
        var weights = TestNetwork.Weights(graph, seed);
        var placement = QuantizerPlacement.Of(graph, dialect, layers);
        var ranges = TestNetwork.Ranges(graph, weights, placement, TestNetwork.Normal(Batch * graph.InputShape.Count, seed: 20), Batch);
        return (OnnxExporter.ExportQuantized(graph, weights, placement, ranges, dialect, new(BatchNorm: form)), placement, ranges);
    }

    // Operator by operator. A value at a rounding boundary may fall to the other level, so a score may be a level apart, but most are equal to float32's rounding.
    private static void AssertScoresOfTheFile(ImportedNetwork network, byte[] file, HostArray images)
    {
        var quantization = network.Quantization!;
        var ours = ImportedModel.Run(network.Graph, network.Weights, images, (quantization.Placement, quantization.Ranges));
        using var unoptimized = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        var expected = ImportedModel.InRuntime(file, images, unoptimized);
        var largest = expected.Max(Math.Abs);
        TestContext.Current.TestOutputHelper?.WriteLine($"largest difference {expected.Zip(ours, (a, b) => Math.Abs(a - b)).Max() / largest:g2} of the largest score");
        ImportedModel.AssertNear(expected, ours, 0.02);
    }
}
