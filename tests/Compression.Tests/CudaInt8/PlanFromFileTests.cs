using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.CudaInt8.Reference;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Golden;
using SparseGrid.Compression.Tests.Onnx;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>The plan of an exported file is that of the quantized network in memory, integer by integer.</summary>
public sealed class PlanFromFileTests
{
    public static TheoryData<string> Graphs => [.. TestGraphs.All.Keys];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void The_plan_of_an_exported_file_has_the_integers_and_bits_of_the_network_in_memory(string name)
    {
        var (graph, layers) = TestGraphs.All[name];
        foreach (var form in (BatchNormForm[])[BatchNormForm.Fold, BatchNormForm.Keep])
            AssertSameAsInMemory(RandomNetwork.Of(graph, seed: 11, layers: layers), form);
    }

    [Fact]
    public void So_do_random_networks_with_any_choice_of_layers()
    {
        var rounds = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 500 : 40;
        for (var seed = 0; seed < rounds; seed++)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
            var graph = RandomGraph.Of(seed);
            if (graph.Nodes.Any(node => node is Sigmoid))
                continue;
            AssertSameAsInMemory(RandomNetwork.Of(graph, seed, layers: RandomGraph.Layers(graph, seed)), seed % 2 == 0 ? BatchNormForm.Fold : BatchNormForm.Keep);
        }
    }

    [Fact]
    public void Biases_beyond_the_precision_of_float32_and_channels_that_are_dead_come_as_the_file_has_them()
    {
        var network = RandomNetwork.Of(ResNet.Build("resnet8", new ImageShape(3, 8, 8), 10), seed: 2);
        var weights = new Dictionary<string, HostArray>(network.Weights);
        HostArray Changed(string name, Func<int, float, float> change) => HostArray.Of([.. weights[name].Floats.ToArray().Select((value, i) => change(i, value))], weights[name].Shape.AsSpan());
        // Levels of about 30 bits, which float32 rounds to multiples of 64; a channel whose normalization multiplies it by nothing.
        weights["layer1.0.bn1.bias"] = Changed("layer1.0.bn1.bias", (i, _) => 30_000 + 777.7f * i);
        weights["layer2.0.bn1.weight"] = Changed("layer2.0.bn1.weight", (i, value) => i % 3 == 0 ? 0 : i % 3 == 1 ? 1e-12f : value);
        var changed = network with { Weights = weights };
        var most = changed.Plan(1).Unfused().Steps.OfType<ConvStep>().Single(step => step.Name.StartsWith("layer1.0.conv1", StringComparison.Ordinal));
        Assert.True(most.Weights.Bias.Zip(most.Weights.Alpha).Max(pair => Math.Abs(pair.First / pair.Second)) > 1 << 25, "the test means biases of more than 25 bits");
        AssertSameAsInMemory(changed, BatchNormForm.Fold);
        AssertSameAsInMemory(changed, BatchNormForm.Keep);
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Files_of_pytorch_quantization_have_a_plan_where_they_are_signed_and_are_refused_by_the_tensor_where_not(string name)
    {
        var file = File.ReadAllBytes(Path.Combine(GoldenIndex.Folder, $"{name}.onnx"));
        const int batch = 8;
        if (name.Contains("unsigned", StringComparison.Ordinal))
        {
            var refused = Assert.Throws<InvalidDataException>(() => ExecutionPlan.FromFile(file, name, batch));
            Assert.Matches("^Tensor '.+' has an unsigned quantizer; the engine computes with signed levels only. Quantize in dialect cuda-int8.$", refused.Message);
            return;
        }

        var plan = ExecutionPlan.FromFile(file, name, batch);
        var images = TestNetwork.Normal(batch * plan.Input.Count, seed: 4);
        var scores = new ReferenceExecutor(plan).Run(images);
        var imported = OnnxImport.Read(file, name);
        var quantization = imported.Quantization!;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var fake = new GraphNetwork(imported.Graph, imported.Weights, ComputeDevice.Cpu);
        fake.Quantize(quantization.Placement, quantization.Ranges, ImportedQuantization.Rounding);
        var expected = fake.Forward(tensor(images, [batch, plan.Input.Channels, plan.Input.Height, plan.Input.Width]), training: false).flatten().data<float>().ToArray();
        // A level on the other side of a rounding boundary here and there.
        var largest = expected.Max(MathF.Abs);
        Assert.All(expected.Zip(scores), pair => Assert.InRange(MathF.Abs(pair.First - pair.Second), 0, 0.03f * largest));
    }

    public static TheoryData<string> Recorded => QuantizedImportTests.Recorded;

    [Fact]
    public void A_file_of_floats_is_refused()
    {
        var graph = ResNet.Build("resnet8", new ImageShape(3, 8, 8), 10);
        var file = OnnxExporter.Export(graph, GraphNetwork.Initial(graph, 1), new());
        Assert.Equal(
            "floats.onnx holds floats: it has no QuantizeLinear. Quantize the network in dialect cuda-int8 and export it again.",
            Assert.Throws<InvalidDataException>(() => ExecutionPlan.FromFile(file, "floats.onnx", 1)).Message);
    }

    [Fact]
    public void A_layer_that_the_engine_cannot_run_is_refused_by_its_name_with_what_to_do_and_before_there_are_weights()
    {
        var builder = new GraphBuilder("input");
        var x = builder.Add(new Flatten("flatten", "input", "flatten_out"));
        x = builder.Add(new Gemm("wide", x, "wide_out", 3 * 216 * 216, 2));
        var network = RandomNetwork.WithRangesOfOne(new LayerGraph("wide", "input", new(3, 216, 216), x, builder.Nodes));
        var file = OnnxExporter.ExportQuantized(network.Graph, network.Weights, network.Placement, network.Ranges, Dialect.CudaInt8, new(Rounding: RoundingRule.Onnx));

        const string refusal = "Node 'wide' sums 139968 products for one output; from 132104 on the 32-bit sum could overflow. Leave the layer in float.";
        Assert.Equal(refusal, Assert.Throws<NotSupportedException>(() => ExecutionPlan.FromFile(file, "wide.onnx", 1)).Message);
        Assert.Equal(refusal, CudaInt8Runtime.RefusalOf(network.Graph, QuantizedLayers.All));
        Assert.All(TestGraphs.All.Values, each => Assert.Null(CudaInt8Runtime.RefusalOf(each.Graph, each.Layers ?? QuantizedLayers.All)));
    }

    private static void AssertSameAsInMemory(RandomNetwork network, BatchNormForm form)
    {
        var file = OnnxExporter.ExportQuantized(
            network.Graph, network.Weights, network.Placement, network.Ranges, Dialect.CudaInt8, new(BatchNorm: form, Rounding: RoundingRule.Onnx));
        var (own, read) = (network.Plan(2), ExecutionPlan.FromFile(file, "network.onnx", 2));

        Assert.Equal(own.Steps.Select(step => step.GetType()), read.Steps.Select(step => step.GetType()));
        foreach (var (expected, actual) in Convolutions(own).Zip(Convolutions(read)))
        {
            Assert.Equal(expected.Geometry, actual.Geometry);
            Assert.True(expected.Weights.Levels.AsSpan().SequenceEqual(actual.Weights.Levels), $"levels of {expected.Name}");
            Assert.Equal(expected.Weights.Alpha, actual.Weights.Alpha);
            Assert.Equal(expected.Weights.Bias, actual.Weights.Bias);
            Assert.Equal((expected.Beta, expected.Low, expected.High), (actual.Beta, actual.Low, actual.High));
        }

        var images = network.Images(2, seed: 5);
        Assert.Equal(new ReferenceExecutor(own).Run(images), new ReferenceExecutor(read).Run(images));
    }

    private static IEnumerable<ConvStep> Convolutions(ExecutionPlan plan) => plan.Unfused().Steps.OfType<ConvStep>();
}
