using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;

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

    [Fact]
    public void A_pattern_needs_channels_that_divide_into_its_groups()
    {
        var graph = ResNet.Build("resnet8", new ImageShape(1, 8, 8), classes: 10);
        var layers = Eligibility.Of(graph, MaskPattern.Named("m32n16_1d"), PruningScope.Everything);
        Assert.Equal("C is 16, not a multiple of 32, the group of m32n16_1d", layers.Single(layer => layer.Node == "layer1.0.conv1").Reason);
        Assert.True(layers.Single(layer => layer.Node == "layer2.0.conv2").Eligible);
        Assert.Equal("C is 1, not a multiple of 16", layers[0].Reason);
    }

    [Theory]
    [InlineData(ElementType.F16, "m4n2_1d", new long[] { 3, 6 }, "K is 3, not a multiple of 8; C is 6, not a multiple of 16")]
    [InlineData(ElementType.F64, "m4n2_1d", new long[] { 3, 6 }, "C is 6, not a multiple of 4, the group of m4n2_1d")]
    [InlineData(ElementType.F64, "m4n2_1d", new long[] { 3, 8 }, "")]
    [InlineData(ElementType.BF16, "m4n2_2d_best", new long[] { 3, 8 }, "its rows do not divide into the 4x4 blocks of m4n2_2d_best")]
    [InlineData(ElementType.BF16, "m4n2_2d_greedy", new long[] { 3, 7 }, "")]
    [InlineData(ElementType.F32, "m4n2_1d", new long[] { 8, 16, 2, 2, 2 }, "its weight has 5 dimensions, and masks are defined for 2 to 4")]
    [InlineData(ElementType.F32, "m4n2_1d", new long[] { 16 }, "its weight has 1 dimensions, and masks are defined for 2 to 4")]
    public void What_is_eligible_its_pattern_masks_and_nothing_else_is_refused(ElementType type, string name, long[] shape, string reason)
    {
        var pattern = MaskPattern.Named(name);
        Assert.Equal(reason, string.Join("; ", Eligibility.Reasons(LayerKind.Linear, [.. shape], pattern, type: type)));
        if (reason.Length == 0)
            Assert.Equal(shape.Aggregate(1L, (product, size) => product * size), pattern.Of(new float[shape.Aggregate(1L, (product, size) => product * size)], shape).Length);
    }

    [Fact]
    public void Layers_are_left_out_by_name_by_kind_and_by_not_being_named()
    {
        var graph = ResNet.Build("resnet8", new ImageShape(1, 8, 8), classes: 16);
        string ReasonOf(PruningScope scope, string layer) => Eligibility.Of(graph, MaskPattern.TwoFour, scope).Single(each => each.Node == layer).Reason;

        Assert.Equal("excluded by 'layer?.0.conv1'", ReasonOf(new() { Except = LayerPatterns.Parse(["fc", "layer?.0.conv1"]) }, "layer2.0.conv1"));
        Assert.Equal("excluded by 'conv1'", ReasonOf(new() { Except = LayerPatterns.Parse(["conv1"]) }, "conv1"));
        Assert.Equal("not among the layers to prune", ReasonOf(new() { Only = LayerPatterns.Parse(["fc"]) }, "layer2.0.conv1"));
        Assert.Equal("", ReasonOf(new() { Only = LayerPatterns.Parse(["fc"]) }, "fc"));
        Assert.Equal("excluded by '*'", ReasonOf(new() { Only = LayerPatterns.Parse(["fc"]), Except = LayerPatterns.Parse(["*"]) }, "fc"));
        Assert.Equal("Linear layers are not to be pruned", ReasonOf(new() { Kinds = [LayerKind.Convolution] }, "fc"));
        Assert.Contains("No layer is named 'fcc'; did you mean 'fc'?", Assert.Throws<InvalidDataException>(() => ReasonOf(new() { Only = LayerPatterns.Parse(["fcc"]) }, "fc")).Message, StringComparison.Ordinal);
    }
}
