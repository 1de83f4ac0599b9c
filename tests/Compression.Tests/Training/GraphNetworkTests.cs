using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Onnx;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Training;

public sealed class GraphNetworkTests
{
    [Fact]
    public void An_average_pool_padded_on_one_side_alone_counts_the_zeros_there()
    {
        var graph = Pool(new Window(2, 2, PadBottom: 1, PadRight: 1));
        using var network = new GraphNetwork(graph, new Dictionary<string, HostArray>(), ComputeDevice.Cpu);
        using var scope = NewDisposeScope();
        var mean = network.Forward(tensor(new float[] { 4, 8, 12, 16 }, [1, 1, 2, 2]), training: false);
        Assert.Equal([1, 1, 2, 2], mean.shape);
        Assert.Equal([10f, 6f, 7f, 4f], mean.data<float>().ToArray());
    }

    [Fact]
    public void An_average_pool_that_the_framework_cannot_run_is_refused_and_not_run_otherwise()
    {
        using var scope = NewDisposeScope();
        using var network = new GraphNetwork(Pool(new Window(2, 2, DilationHeight: 2)), new Dictionary<string, HostArray>(), ComputeDevice.Cpu);
        var fault = Assert.Throws<NotSupportedException>(() => network.Forward(ones([1, 1, 4, 4]), training: false));
        Assert.StartsWith("Node 'mean' is an average pool with dilation", fault.Message);
    }

    [Fact]
    public void An_average_pool_of_any_padding_divides_by_the_pixels_that_count_here_and_in_the_runtime()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var (height, width) = (random.Next(1, 5), random.Next(1, 5));
            var window = new Window(
                height, width, random.Next(1, 4), random.Next(1, 4), random.Next(height), random.Next(width), random.Next(height), random.Next(width));
            var graph = new LayerGraph("pool", "input", new(2, 5, 6), "mean_out", [new AveragePool("mean", "input", "mean_out", window, CountPadding: seed % 3 == 0)]);
            var images = HostArray.Of(TestNetwork.Normal(3 * 60, seed), 3, 2, 5, 6);
            var expected = Array.ConvertAll(new ReferenceForward(graph, new Dictionary<string, HostArray>()).Run(images.Floats.ToArray(), 3)["mean_out"], value => (float)value);

            ImportedModel.AssertNear(expected, ImportedModel.Run(graph, new Dictionary<string, HostArray>(), images), 1e-6);
            ImportedModel.AssertNear(expected, ImportedModel.InRuntime(OnnxExporter.Export(graph, new Dictionary<string, HostArray>(), new()), images), 1e-6);
        }
    }

    [Fact]
    public void Gradients_of_a_mean_over_fewer_pixels_are_larger_shares()
    {
        using var scope = NewDisposeScope();
        using var network = new GraphNetwork(Pool(new Window(2, 2, PadBottom: 1, PadRight: 1), countPadding: false), new Dictionary<string, HostArray>(), ComputeDevice.Cpu);
        var x = tensor(new float[] { 4, 8, 12, 16 }, [1, 1, 2, 2]).requires_grad_();
        var mean = network.Forward(x, training: true);
        Assert.Equal([10f, 12f, 14f, 16f], mean.data<float>().ToArray());
        mean.sum().backward();
        Assert.Equal([0.25f, 0.75f, 0.75f, 2.25f], x.grad!.data<float>().ToArray());
    }

    private static LayerGraph Pool(Window window, bool countPadding = true) =>
        new("pool", "input", new ImageShape(1, 2, 2), "mean_out", [new AveragePool("mean", "input", "mean_out", window, countPadding)]);
}
