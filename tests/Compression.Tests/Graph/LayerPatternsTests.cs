using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.Graph;

public sealed class LayerPatternsTests
{
    private static readonly string[] Layers = ["conv1", "layer1.0.conv1", "layer1.0.conv2", "layer2.0.downsample.0", "fc"];

    [Theory]
    [InlineData("fc", "fc", true)]
    [InlineData("fc", "fcx", false)]
    [InlineData("conv1", "layer1.0.conv1", false)]
    [InlineData("*conv1", "layer1.0.conv1", true)]
    [InlineData("*conv1", "conv1", true)]
    [InlineData("layer1.*", "layer1.0.conv2", true)]
    [InlineData("layer1.*", "layer10.0.conv2", false)]
    [InlineData("layer?.0.*", "layer2.0.downsample.0", true)]
    [InlineData("layer?.0.*", "layer.0.downsample.0", false)]
    [InlineData("*.0.*", "layer2.0.downsample.0", true)]
    [InlineData("**", "", true)]
    [InlineData("Conv1", "conv1", false)]
    [InlineData("layer1.0.conv.", "layer1.0.conv1", false)]
    public void A_pattern_names_whole_layers(string pattern, string layer, bool matches) =>
        Assert.Equal(matches, LayerPatterns.Parse([pattern]).Matches(layer));

    [Fact]
    public void The_first_pattern_that_names_a_layer_is_told()
    {
        var patterns = LayerPatterns.Parse(["fc", "layer1.*", "*.conv1"]);
        Assert.Equal("layer1.*", patterns.Naming("layer1.0.conv1"));
        Assert.Null(patterns.Naming("conv1"));
        Assert.False(LayerPatterns.None.Matches("fc"));
    }

    [Theory]
    [InlineData("layer1.0.con1", "did you mean 'layer1.0.conv1'?")]
    [InlineData("layr1.*", "did you mean 'layer1.0.conv1'?")]
    [InlineData("cf", "the layers are conv1, layer1.0.conv1")]
    [InlineData("classifier.6", "the layers are conv1, layer1.0.conv1")]
    public void A_pattern_that_names_nothing_is_refused_with_the_nearest_name(string pattern, string hint)
    {
        var refused = Assert.Throws<InvalidDataException>(() => LayerPatterns.Parse(["fc", pattern]).Check(Layers));
        Assert.StartsWith($"No layer is named '{pattern}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(hint, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Patterns_that_name_layers_pass() => LayerPatterns.Parse(["*", "conv?", "layer2.0.*"]).Check(Layers);

    [Fact]
    public void An_empty_pattern_and_one_that_stands_twice_are_refused()
    {
        Assert.Contains("Pattern 2 of 2 is empty", Assert.Throws<InvalidDataException>(() => LayerPatterns.Parse(["fc", " "])).Message, StringComparison.Ordinal);
        Assert.Contains("'fc' stands in the list a second time", Assert.Throws<InvalidDataException>(() => LayerPatterns.Parse(["fc", "fc"])).Message, StringComparison.Ordinal);
    }
}
