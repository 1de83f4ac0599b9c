using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning.Permutation;

namespace SparseGrid.Compression.Tests.Permutation;

public sealed class ChannelGroupsTests
{
    private static readonly ImageShape Image = new(3, 8, 8);

    [Theory]
    [InlineData("resnet34", 20)]
    [InlineData("resnet18", 12)]
    [InlineData("resnet50", 37)]
    [InlineData("resnet8", 6)]
    public void A_residual_network_has_a_group_a_stage_and_those_inside_its_blocks(string network, int groups)
    {
        var found = ChannelGroups.Of(ResNet.Build(network, new(3, 32, 32), 1000));
        Assert.Equal(groups, found.Length);
        Assert.All(found, group => Assert.Equal("", group.Obstacle));
    }

    [Fact]
    public void A_stage_of_residual_blocks_is_one_group_whose_siblings_share_c_and_coparents_k()
    {
        var found = ChannelGroups.Of(ResNet.Build("resnet18", new(3, 32, 32), 1000));
        Assert.Equal(["conv1", "layer1.0.conv2", "layer1.1.conv2"], found[0].Producers);
        Assert.Equal(["layer1.0.conv1", "layer1.1.conv1", "layer2.0.conv1", "layer2.0.downsample.0"], found[0].Consumers);
        Assert.Contains(new ChannelAxis("bn1.running_var", 0, "bn1"), found[0].Arrays);
        Assert.Contains(new ChannelAxis("layer2.0.downsample.0.weight", 1, "layer2.0.downsample.0"), found[0].Arrays);
        Assert.DoesNotContain(found[0].Arrays, array => array.Node == "layer2.0.downsample.1");
        Assert.Equal(["fc"], found[^2].Consumers.Where(name => name == "fc"));
    }

    [Fact]
    public void Inputs_and_outputs_of_the_network_stay()
    {
        var builder = new GraphBuilder("input");
        var x = builder.Add(new Conv("a", "input", "a_out", 16, 16, Window.Square(1)));
        x = builder.Add(new Add("add", x, "input", "sum"));
        x = builder.Add(new Conv("b", x, "b_out", 16, 16, Window.Square(1)));
        var graph = new LayerGraph("n", "input", Image with { Channels = 16 }, x, builder.Nodes);
        Assert.Equal("'input' is the network's input", Assert.Single(ChannelGroups.Of(graph)).Obstacle);

        var output = Assert.Single(ChannelGroups.Of(Chain(builder => builder.Add(new Relu("relu", "a_out", "r"))) with { OutputName = "r" }));
        Assert.Equal("'r' is the network's output", output.Obstacle);
    }

    [Fact]
    public void Channels_that_a_concat_lays_side_by_side_share_a_permutation_of_their_greatest_common_divisor()
    {
        var builder = new GraphBuilder("input");
        var left = builder.Add(new Conv("a", "input", "a_out", 3, 16, Window.Square(1)));
        var right = builder.Add(new Conv("b", "input", "b_out", 3, 24, Window.Square(1)));
        var x = builder.Add(new Concat("concat", [left, right], "both"));
        x = builder.Add(new Conv("c", x, "c_out", 40, 16, Window.Square(1)));
        var group = Assert.Single(ChannelGroups.Of(new("n", "input", Image, x, builder.Nodes)));
        Assert.Equal((8, "a b", "c", ""), (group.Channels, string.Join(' ', group.Producers), string.Join(' ', group.Consumers), group.Obstacle));
    }

    [Theory]
    [InlineData(1, 32, "")]
    [InlineData(2, 16, "")]
    [InlineData(8, 4, "g has 4 input channels in each of 8 groups; more than 4 and a multiple of 4 can be reordered")]
    public void A_grouped_convolution_reads_one_order_in_each_group_and_keeps_its_own_output(int groups, int channels, string obstacle)
    {
        var found = ChannelGroups.Of(Chain(builder => builder.Add(new Conv("g", "a_out", "g_out", 32, 32, Window.Square(1), groups))));
        Assert.Equal((channels, obstacle), (found[0].Channels, found[0].Obstacle));
        Assert.Equal(groups == 1 ? "" : $"g has {groups} groups, whose output channels stay where they are", found[1].Obstacle);
    }

    [Fact]
    public void A_depthwise_convolution_passes_the_order_on_with_its_own_arrays()
    {
        var found = Assert.Single(ChannelGroups.Of(Chain(builder => builder.Add(new Conv("d", "a_out", "d_out", 32, 32, Window.Square(1), 32, HasBias: true)))));
        Assert.Equal(("a", "z", ""), (Assert.Single(found.Producers), Assert.Single(found.Consumers), found.Obstacle));
        Assert.Equal(["a.weight", "d.weight", "d.bias", "z.weight"], found.Arrays.Select(array => array.Parameter));
    }

    [Fact]
    public void Activations_and_gates_of_imported_networks_pass_the_order_on()
    {
        var found = Assert.Single(ChannelGroups.Of(Chain(builder =>
        {
            var x = builder.Add(new ChannelScale("scale", "a_out", "scaled", 32));
            x = builder.Add(new HardSwish("swish", builder.Add(new Clip("clip", x, "clipped", 0, 6)), "swished"));
            var gate = builder.Add(new HardSigmoid("hard", builder.Add(new Sigmoid("soft", builder.Add(new GlobalAveragePool("pool", x, "pooled")), "softened")), "gate"));
            var view = builder.Add(new Unflatten("image", builder.Add(new Flatten("vector", gate, "flat")), "gates"));
            return builder.Add(new Mul("mul", x, view, "gated"));
        })));
        Assert.Equal(("a", "z", ""), (Assert.Single(found.Producers), Assert.Single(found.Consumers), found.Obstacle));
        Assert.Equal(["a.weight", "scale.factor", "scale.shift", "z.weight"], found.Arrays.Select(array => array.Parameter));
    }

    [Fact]
    public void Flattened_maps_and_unknown_nodes_are_refused_with_the_reason()
    {
        var builder = new GraphBuilder("input");
        var x = builder.Add(new Conv("a", "input", "a_out", 3, 16, Window.Square(1)));
        x = builder.Add(new Flatten("flatten", x, "flat"));
        x = builder.Add(new Gemm("fc", x, "output", 16 * 64, 8));
        Assert.Equal(
            "flatten spreads each channel over 64 features", Assert.Single(ChannelGroups.Of(new("n", "input", Image, x, builder.Nodes))).Obstacle);

        var found = Assert.Single(ChannelGroups.Of(Chain(builder => builder.Add(new Shuffle("mix", "a_out", "m")))), group => group.Name == "a");
        Assert.Equal("mix is a Shuffle, which is not known to leave channels apart", found.Obstacle);
    }

    // Convolution a of 32 channels, what is given, and convolution z that reads its output.
    private static LayerGraph Chain(Func<GraphBuilder, string> middle)
    {
        var builder = new GraphBuilder("input");
        builder.Add(new Conv("a", "input", "a_out", 3, 32, Window.Square(1)));
        var x = middle(builder);
        x = builder.Add(new Conv("z", x, "z_out", 32, 8, Window.Square(1)));
        return new("n", "input", Image, x, builder.Nodes);
    }

    private sealed record Shuffle(string Name, string From, string To) : Node(Name, [From], [To]);
}
