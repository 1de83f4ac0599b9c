using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;
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
        foreach (var (window, countPadding) in new[] { (new Window(2, 2, PadBottom: 1), false), (new Window(2, 2, DilationHeight: 2), true) })
        {
            using var network = new GraphNetwork(Pool(window, countPadding), new Dictionary<string, HostArray>(), ComputeDevice.Cpu);
            var fault = Assert.Throws<NotSupportedException>(() => network.Forward(ones([1, 1, 4, 4]), training: false));
            Assert.StartsWith("Node 'mean' is an average pool ", fault.Message);
        }
    }

    private static LayerGraph Pool(Window window, bool countPadding = true) =>
        new("pool", "input", new ImageShape(1, 2, 2), "mean_out", [new AveragePool("mean", "input", "mean_out", window, countPadding)]);
}
