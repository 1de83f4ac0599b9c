using Google.Protobuf;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Onnx.Schema;
using SparseGrid.Compression.Tests.Data;

namespace SparseGrid.Compression.Tests.Onnx;

public sealed class OnnxImportTests : TestFolder
{
    [Fact]
    public void A_network_that_was_exported_here_comes_back_with_its_layers_and_weights()
    {
        var graph = Float32ExportTests.EveryNode();
        var weights = TestNetwork.Weights(graph, 1);
        var network = OnnxImport.Read(OnnxExporter.Export(graph, weights, new(BatchNorm: BatchNormForm.Keep)), "every.onnx");

        Assert.Equal(graph.Nodes.Select(node => $"{node.GetType().Name} {node.Name}"), network.Graph.Nodes.Select(node => $"{node.GetType().Name} {node.Name}"));
        Assert.Equal(graph.Parameters.Select(parameter => parameter.Name), network.Graph.Parameters.Select(parameter => parameter.Name));
        Assert.All(network.Weights, weight => Assert.True(weight.Value.Bytes.Span.SequenceEqual(weights[weight.Key].Bytes.Span), weight.Key));
        Assert.Equal(graph.InputShape, network.Graph.InputShape);
    }

    [Fact]
    public void An_operator_that_the_graph_lacks_is_named_with_its_node_and_what_to_do()
    {
        var message = Refused(model => model.Graph.Node[1].OpType = "LRN");
        Assert.StartsWith("model.onnx cannot be imported: node 'relu' (LRN) has no counterpart in the layer graph. It has Conv, ", message);
        Assert.EndsWith("Replace the operator in the model and export it anew.", message);
    }

    [Fact]
    public void What_is_wrong_with_a_file_is_said_with_the_value_and_the_fix()
    {
        Assert.Contains("its operator set is 9; 11 to 21 are read. Export it anew", Refused(model => model.OpsetImport[0].Version = 9));
        Assert.Contains("it has 2 inputs (x, y); an image classifier has one", Refused(model => model.Graph.Input.Add(new ValueInfoProto { Name = "y" })));
        Assert.Contains("node 'relu' (Relu) reads 'nowhere', which nothing before it writes", Refused(model => model.Graph.Node[1].Input[0] = "nowhere"));
        Assert.Contains("is of the domain 'com.microsoft', which is no standard ONNX", Refused(model => model.Graph.Node[1].Domain = "com.microsoft"));
        Assert.Contains("leaves axis 3 open; say the shape of an image", Refused(model => model.Graph.Input[0].Type.TensorType.Shape.Dim[3] = new() { DimParam = "W" }));
        Assert.Contains("its output 'r' is [N, 4, 8, 8]; a classifier's scores are [N, classes]", Refused(model => model.Graph.Output[0].Name = "r"));
        Assert.Contains("array 'conv.weight' has 300 bytes, but its shape [4, 3, 3, 3] takes 432", Refused(model => model.Graph.Initializer[0].RawData = ByteString.CopyFrom(new byte[300])));
        Assert.Contains("in 3 groups, but its input has 3 channels", Refused(model => model.Graph.Node[0].Attribute.Single(attribute => attribute.Name == "group").I = 3));
        Assert.Contains("These 3 bytes", Assert.Throws<InvalidDataException>(() => OnnxImport.Read([1, 2, 3], "model.onnx")).Message);
    }

    [Fact]
    public void Weights_beside_the_file_are_read_and_those_elsewhere_are_refused()
    {
        var model = Model();
        var weight = model.Graph.Initializer[0];
        var bytes = weight.RawData.ToByteArray();
        weight.RawData = ByteString.Empty;
        weight.DataLocation = TensorProto.Types.DataLocation.External;
        weight.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "weights.bin" });
        weight.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = "16" });
        File.WriteAllBytes(In("model.onnx"), model.ToByteArray());
        Assert.Contains("its weights are in 'weights.bin', which is not beside it", Assert.Throws<InvalidDataException>(() => OnnxImport.Open(In("model.onnx"))).Message);

        File.WriteAllBytes(In("weights.bin"), [.. new byte[16], .. bytes]);
        Assert.Equal(bytes, OnnxImport.Open(In("model.onnx")).Weights["conv.weight"].Bytes.ToArray());

        weight.ExternalData[0].Value = "../weights.bin";
        File.WriteAllBytes(In("model.onnx"), model.ToByteArray());
        Assert.Contains("which is not below the model's folder", Assert.Throws<InvalidDataException>(() => OnnxImport.Open(In("model.onnx"))).Message);
    }

    [Fact]
    public void A_softmax_at_the_end_is_left_out_and_said()
    {
        var model = Model();
        model.Graph.Node.Add(new NodeProto { OpType = "Softmax", Name = "softmax", Input = { "out" }, Output = { "probabilities" } });
        model.Graph.Output[0].Name = "probabilities";
        var network = OnnxImport.Read(model.ToByteArray(), "model.onnx");
        Assert.Equal("out", network.Graph.OutputName);
        Assert.StartsWith("The Softmax at the end was left out", Assert.Single(network.Notes));
    }

    private static string Refused(Action<ModelProto> change)
    {
        var model = Model();
        change(model);
        return Assert.Throws<InvalidDataException>(() => OnnxImport.Read(model.ToByteArray(), "model.onnx")).Message;
    }

    // Conv 3 to 4, ReLU, global average pool and flatten, on 3x8x8.
    private static ModelProto Model()
    {
        var builder = new GraphBuilder("x");
        builder.Add(new Conv("conv", "x", "c", 3, 4, Window.Square(3, 1, 1)));
        builder.Add(new Relu("relu", "c", "r"));
        builder.Add(new GlobalAveragePool("pool", "r", "p"));
        builder.Add(new Flatten("flat", "p", "out"));
        var graph = new LayerGraph("small", "x", new(3, 8, 8), "out", builder.Nodes);
        return ExportedSparsity.Parse(OnnxExporter.Export(graph, TestNetwork.Weights(graph, 1), new()));
    }
}
