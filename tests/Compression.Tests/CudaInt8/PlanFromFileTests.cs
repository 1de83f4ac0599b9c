using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.CudaInt8.Reference;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tests.Onnx;

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
