using Google.Protobuf;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Schema;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tests.Onnx;
using Xunit.Sdk;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>The comparison node by node can fail: by every kind of difference that matters.</summary>
public sealed class OnnxExpressionTests
{
    [Fact]
    public void Equal_networks_of_other_names_are_equal() => Compare(_ => { });

    [Fact]
    public void A_scale_an_attribute_a_type_an_operator_or_an_order_that_differs_is_found()
    {
        string Found(Action<GraphProto> change) => Assert.ThrowsAny<XunitException>(() => Compare(change)).Message;

        Assert.Contains("value 0", Found(graph => Scale(graph, "relu_out.scale", 1.001f)), StringComparison.Ordinal);
        Assert.Contains("pads", Found(graph => graph.Node.First(node => node.OpType == "Conv").Attribute.Single(attribute => attribute.Name == "pads").Ints[0] = 0), StringComparison.Ordinal);
        Assert.Contains("Uint8", Found(graph => graph.Initializer.Single(tensor => tensor.Name == "relu_out.zero_point").DataType = 2), StringComparison.Ordinal);
        Assert.Contains("Relu is expected", Found(graph => graph.Node.First(node => node.OpType == "Relu").OpType = "Sigmoid"), StringComparison.Ordinal);
        Assert.Contains("axis", Found(graph => graph.Node.First(node => node.OpType == "DequantizeLinear" && node.Attribute.Count > 0).Attribute[0].I = 1), StringComparison.Ordinal);
        Assert.ThrowsAny<XunitException>(() => Compare(graph =>
        {
            var add = graph.Node.First(node => node.OpType == "Add");
            (add.Input[0], add.Input[1]) = (add.Input[1], add.Input[0]);
        }));
        Assert.Contains("value", Found(graph =>
        {
            var weight = graph.Initializer.First(tensor => tensor.Name.EndsWith(".weight.quantized", StringComparison.Ordinal));
            var bytes = weight.RawData.ToByteArray();
            bytes[0] ^= 1;
            weight.RawData = ByteString.CopyFrom(bytes);
        }), StringComparison.Ordinal);
    }

    private static void Scale(GraphProto graph, string name, float factor)
    {
        var scale = graph.Initializer.Single(tensor => tensor.Name == name);
        scale.RawData = ByteString.CopyFrom(BitConverter.GetBytes(BitConverter.ToSingle(scale.RawData.Span) * factor));
    }

    private static void Compare(Action<GraphProto> change)
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10);
        var weights = TestNetwork.Weights(graph, seed: 1);
        var placement = QuantizerPlacement.Of(graph, Dialect.TensorRt);
        var ranges = TestNetwork.Ranges(graph, weights, placement, TestNetwork.Normal(graph.InputShape.Count, seed: 2), 1);
        var file = OnnxExporter.ExportQuantized(graph, weights, placement, ranges, Dialect.TensorRt, new(BatchNorm: BatchNormForm.Keep));
        var changed = ExportedSparsity.Parse(file);
        foreach (var node in changed.Graph.Node)
            node.Name = "other " + node.Name;
        change(changed.Graph);
        OnnxExpression.Compare(OnnxExpression.Of(file), OnnxExpression.Of(changed.ToByteArray()), 1e-6);
    }
}
