using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Runtimes.Float16;
using SparseGrid.Compression.Tests.Onnx;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>The float16 baseline as a script: in float32 on the processor it computes what the network does; with cuDNN's calls it compiles.</summary>
public sealed class Float16ScriptTests
{
    public static TheoryData<string> Graphs => [.. TestGraphs.All.Keys];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void The_script_computes_what_the_network_does(string name) => AssertSameScores(TestGraphs.All[name].Graph, seed: 4);

    [Fact]
    public void So_do_scripts_of_random_networks()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
            AssertSameScores(RandomGraph.Of(seed), seed);
        }
    }

    [Fact]
    public void Every_convolution_of_a_residual_network_before_a_relu_becomes_one_call()
    {
        var graph = ResNet.Build("resnet34", new ImageShape(3, 64, 64), 10);
        var script = new NetworkScript(graph, GraphNetwork.Initial(graph, 1), _ => true);
        using var compiled = jit.compile(script.Source);
        // 33 convolutions and three projections, which no ReLU follows; 16 blocks end with an add.
        Assert.Equal(3, Count(script.Source, "torch.conv2d("));
        Assert.Equal(17, Count(script.Source, "torch.cudnn_convolution_relu("));
        Assert.Equal(16, Count(script.Source, "torch.cudnn_convolution_add_relu("));
        Assert.Equal(0, Count(script.Source, "torch.relu("));
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static void AssertSameScores(LayerGraph graph, int seed)
    {
        var network = RandomNetwork.Of(graph, seed, twoFour: false);
        var script = new NetworkScript(network.Graph, network.Weights, _ => false);
        var (shape, batch) = (graph.InputShape, 3);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var floats = new GraphNetwork(network.Graph, network.Weights, ComputeDevice.Cpu);
        using var unit = jit.compile(script.Source);
        var images = tensor(network.Images(batch, seed), [batch, shape.Channels, shape.Height, shape.Width]);
        var scores = unit.invoke<Tensor>("forward", [images, .. script.Constants.Select(array => (object)tensor(array.Floats.ToArray(), [.. array.Shape]))]);
        var expected = floats.Forward(images, training: false);
        Assert.Equal(expected.shape, scores.shape);
        var error = (scores - expected).abs().max().item<float>() / expected.abs().max().item<float>();
        Assert.True(error < 1e-4, $"{graph.Name}: relative error {error}");
        // The fused form is one that libtorch accepts, though only a GPU can run it.
        using var fused = jit.compile(new NetworkScript(network.Graph, network.Weights, _ => true).Source);
    }
}
