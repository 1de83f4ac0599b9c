using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.Graph;

public sealed class ResNetTests
{
    // Parameter counts: torchvision's model cards. Multiply-accumulates: the same, GFLOPS column.
    [Theory]
    [InlineData("resnet18", 11_689_512, 1.81e9)]
    [InlineData("resnet34", 21_797_672, 3.66e9)]
    [InlineData("resnet50", 25_557_032, 4.09e9)]
    public void Has_the_parameters_and_the_cost_of_torchvisions_network(string name, long parameters, double multiplyAccumulates)
    {
        var cost = GraphCost.Of(ResNet.Build(name, new ImageShape(3, 224, 224), 1000));
        Assert.Equal(parameters, cost.Parameters);
        Assert.Equal(multiplyAccumulates, cost.MultiplyAccumulates, 0.01 * multiplyAccumulates);
    }

    [Fact]
    public void Names_parameters_as_torchvision_does()
    {
        var names = ResNet.Build("resnet50", new ImageShape(3, 224, 224), 1000).Parameters.Select(parameter => parameter.Name).ToHashSet();
        Assert.Superset(
            new HashSet<string> { "conv1.weight", "bn1.running_var", "layer1.0.downsample.0.weight", "layer1.0.downsample.1.bias", "layer4.2.conv3.weight", "fc.bias" },
            names);
    }

    [Theory]
    [InlineData("resnet8", 7 + 2 + 1)]
    [InlineData("resnet20", 19 + 2 + 1)]
    public void A_small_network_has_its_layers(string name, int weighted)
    {
        var graph = ResNet.Build(name, new ImageShape(1, 8, 8), 10);
        Assert.Empty(graph.Problems());
        Assert.Equal(weighted, graph.WeightedNodes.Count());
        Assert.Equal(new ImageShape(64, 2, 2), GraphShapes.Of(graph)["layer3.0.relu2_out"]);
    }

    [Fact]
    public void Says_which_networks_it_knows()
    {
        var error = Assert.Throws<ArgumentException>(() => ResNet.Build("resnet9", new ImageShape(1, 8, 8), 10));
        Assert.Contains("network 'resnet9' is unknown; known are resnet8, resnet20, resnet18, resnet34, resnet50", error.Message);
    }

    [Fact]
    public void A_graph_that_cannot_run_says_every_reason()
    {
        var graph = new LayerGraph("broken", "input", new ImageShape(1, 8, 8), "missing", [new Relu("a", "nowhere", "x"), new Relu("a", "input", "x")]);
        Assert.Equal(4, graph.Problems().Count());
    }

    [Fact]
    public void A_shape_that_does_not_fit_names_the_node_and_both_shapes()
    {
        var graph = new LayerGraph("broken", "input", new ImageShape(3, 8, 8), "y", [new Conv("conv", "input", "y", 4, 8, Window.Square(3))]);
        Assert.Equal("Node 'conv' is given 3x8x8, but takes 4 channels.", Assert.Throws<InvalidDataException>(() => GraphShapes.Of(graph)).Message);
    }
}
