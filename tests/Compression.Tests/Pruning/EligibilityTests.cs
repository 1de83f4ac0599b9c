using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning;

namespace SparseGrid.Compression.Tests.Pruning;

public sealed class EligibilityTests
{
    [Fact]
    public void The_stem_and_a_ten_class_layer_of_a_small_network_stay_dense_and_say_why()
    {
        var layers = Eligibility.Of(ResNet.Build("resnet8", new ImageShape(1, 8, 8), classes: 10));

        Assert.Equal(
            new LayerEligibility("conv1", "conv1.weight", "16x1x3x3", false, "C is 1, not a multiple of 16"), layers[0]);
        Assert.Equal(new LayerEligibility("fc", "fc.weight", "10x64", false, "K is 10, not a multiple of 8"), layers[^1]);
        Assert.All(layers[1..^1], layer => Assert.Equal((true, ""), (layer.Eligible, layer.Reason)));
        Assert.Equal("16x16x3x3", layers[1].Shape);
    }

    [Fact]
    public void Of_resnet34_only_the_stem_is_left_out()
    {
        var layers = Eligibility.Of(ResNet.Build("resnet34", new ImageShape(3, 224, 224), classes: 1000));
        Assert.Equal(37, layers.Length);                      // 36 convolutions and the classifier
        Assert.Equal("conv1", Assert.Single(layers, layer => !layer.Eligible).Node);
    }

    [Fact]
    public void Grouped_convolutions_are_judged_by_the_channels_of_one_group_and_every_reason_is_given()
    {
        var depthwise = new Conv("dw", "input", "output", 36, 36, Window.Square(3, 1, 1), Groups: 36);
        var graph = new LayerGraph("net", "input", new ImageShape(36, 8, 8), "output", [depthwise]);
        Assert.Equal("K is 36, not a multiple of 8; C per group is 1, not a multiple of 16", Eligibility.Of(graph)[0].Reason);
    }
}
