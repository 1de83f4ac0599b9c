using System.Text;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.Graph;

public sealed class GraphFileTests
{
    private static readonly ImageShape Image = new(16, 8, 8);

    // Every kind of layer, each setting at a value of its own.
    private static readonly LayerGraph Every = new("every", "in", Image, "scores",
    [
        new ChannelScale("scale", "in", "x1", 16), new Conv("conv", "x1", "x2", 16, 16, new(3, 5, 1, 1, 1, 2, 1, 2, 1, 1), 4, true),
        new BatchNorm("bn", "x2", "x3", 16, 1e-3, 0.03), new Relu("relu", "x3", "x4"), new Clip("clip", "x4", "x5", 0, float.PositiveInfinity), new Sigmoid("gate", "x4", "x6"),
        new HardSigmoid("hard", "x4", "x7", 0.2f, 0.4f), new HardSwish("swish", "x5", "x8"), new Mul("mul", "x6", "x7", "x9"), new Add("add", "x8", "x9", "x10"),
        new Concat("concat", ["x10", "x1"], "x11"), new ChannelSlice("slice", "x11", "x12", 8, 16), new ChannelShuffle("shuffle", "x12", "x13", 2),
        new MaxPool("max", "x13", "x14", Window.Square(2, 2)), new AveragePool("mean", "x14", "x15", Window.Square(3, 1, 1), CountPadding: false),
        new GlobalAveragePool("pool", "x15", "x16"), new Flatten("flat", "x16", "x17"), new Unflatten("image", "x17", "x18"), new Flatten("again", "x18", "x19"),
        new Gemm("fc", "x19", "scores", 16, 4, HasBias: false),
    ]);

    [Fact]
    public void A_graph_that_is_read_back_writes_the_same_bytes_and_has_every_kind_of_layer()
    {
        var file = GraphFile.Write(Every);
        var back = GraphFile.Read(file, "test");

        Assert.Equal(file, GraphFile.Write(back));
        Assert.Equal(Every.Nodes.Select(node => node.GetType()), back.Nodes.Select(node => node.GetType()));
        Assert.Equal(Every.Nodes.OfType<Conv>(), back.Nodes.OfType<Conv>().Select(conv => conv with { Inputs = Every.Nodes[1].Inputs, Outputs = Every.Nodes[1].Outputs }));
        Assert.Equal(Every.Parameters.Select(parameter => parameter.Name), back.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(Every.Nodes.SelectMany(node => node.Inputs.Concat(node.Outputs)), back.Nodes.SelectMany(node => node.Inputs.Concat(node.Outputs)));
        Assert.Equal((Every.Name, Every.InputName, Every.InputShape, Every.OutputName), (back.Name, back.InputName, back.InputShape, back.OutputName));
        Assert.Equal(GraphFile.Kinds.ToHashSet(), Every.Nodes.Select(node => node.GetType()).ToHashSet());
    }

    [Fact]
    public void What_the_source_said_of_itself_comes_back()
    {
        var source = new SourceMetadata("main", null, "a classifier", null, 3, "batch", "pytorch 2.10.0", [new("licence", "MIT")]);
        var back = GraphFile.Read(GraphFile.Write(Every with { Metadata = source }), "test").Metadata!;

        Assert.Equal(source with { Properties = back.Properties }, back);
        Assert.Equal(source.Properties.AsEnumerable(), back.Properties);
    }

    [Fact]
    public void Every_layer_that_there_is_has_a_place_in_files() =>
        Assert.Equal(typeof(Node).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Node)) && type.IsPublic).ToHashSet(), GraphFile.Kinds.ToHashSet());

    [Fact]
    public void Its_text_is_pinned_since_it_is_part_of_identities()
    {
        var graph = new LayerGraph("g", "in", new(1, 2, 2), "out", [new Clip("c", "in", "x", 0, 6), new MaxPool("m", "x", "out", Window.Square(2))]);
        Assert.Equal(
            """{"input_name":"in","input_shape":{"channels":1,"height":2,"width":2},"name":"g","nodes":[{"layer":"clip","from":"in","max":6,"min":0,"name":"c","to":"x"},"""
            + """{"layer":"max_pool","from":"x","name":"m","to":"out","window":{"dilation_height":1,"dilation_width":1,"kernel_height":2,"kernel_width":2,"pad_bottom":0,"pad_left":0,"pad_right":0"""
            + ""","pad_top":0,"stride_height":1,"stride_width":1}}],"output_name":"out"}""",
            Encoding.UTF8.GetString(GraphFile.Write(graph)));
    }

    [Theory]
    [InlineData("", "the input does not contain any JSON")]
    [InlineData("null", "it holds null")]
    [InlineData("{\"name\":\"g\"}", "missing required properties")]
    [InlineData("{\"input_name\":\"in\",\"input_shape\":{\"channels\":1},\"name\":\"g\",\"nodes\":[{\"layer\":\"lstm\"}],\"output_name\":\"out\"}", "lstm")]
    [InlineData("{\"input_name\":\"in\",\"input_shape\":{\"channels\":1},\"name\":\"g\",\"nodes\":[],\"output_name\":\"out\"}", "The output 'out' is written by no node")]
    [InlineData("{\"input_name\":\"in\",\"input_shape\":{\"channels\":1},\"name\":\"g\",\"nodes\":[{\"layer\":\"relu\",\"name\":\"r\",\"from\":\"in\",\"to\":\"out\",\"slope\":2}],\"output_name\":\"out\"}", "slope")]
    public void What_is_no_graph_of_this_version_is_refused(string text, string says)
    {
        var message = Assert.Throws<InvalidDataException>(() => GraphFile.Read(Encoding.UTF8.GetBytes(text), "artifact 12")).Message;
        Assert.StartsWith("artifact 12 is no network of this version: ", message, StringComparison.Ordinal);
        Assert.Contains(says, message, StringComparison.OrdinalIgnoreCase);
    }
}
