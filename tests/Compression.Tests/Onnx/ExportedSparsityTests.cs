using Google.Protobuf;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Schema;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Onnx;

public sealed class ExportedSparsityTests
{
    [Fact]
    public void Counts_zeros_and_tells_the_layer_whose_groups_lack_them()
    {
        var layers = ExportedSparsity.Of(Export(
            [1, 0, 0, 2, 0, 3, 0, 0],                             // [2, 4]: two and three zeros
            [1, 0, 5, 2, 0, 0, 0, 0]));                           // one zero in the first group
        Assert.Equal([new("conv", "2x4x1x1", 8, 5, true), new("fc", "2x4", 8, 5, false)], layers);
        Assert.Equal(0.625, layers[0].Sparsity);
    }

    [Fact]
    public void Groups_run_along_the_input_channels_and_not_along_the_kernel()
    {
        var builder = new GraphBuilder("input");
        var x = builder.Add(new Conv("conv", "input", "output", 4, 1, Window.Square(2)));
        var graph = new LayerGraph("one", "input", new(4, 2, 2), x, builder.Nodes);
        bool TwoFour(float[] weight) => ExportedSparsity.Of(
            OnnxExporter.Export(graph, new Dictionary<string, HostArray> { ["conv.weight"] = HostArray.Of(weight, 1, 4, 2, 2) }, new())).Single().TwoFour;

        Assert.True(TwoFour([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
        Assert.False(TwoFour([1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0]));
    }

    [Fact]
    public void Channels_that_do_not_divide_by_four_are_not_two_four()
    {
        var graph = ResNet.Build("resnet8", new(3, 8, 8), 10);
        var weights = TestNetwork.Weights(graph, seed: 1, twoFour: true);
        weights["conv1.weight"] = HostArray.Of(new float[16 * 27], 16, 3, 3, 3);
        var layers = ExportedSparsity.Of(OnnxExporter.Export(graph, weights, new()));
        Assert.False(layers[0].TwoFour);
        Assert.All(layers.Skip(1), layer => Assert.True(layer.TwoFour));
        Assert.All(layers.Skip(1), layer => Assert.Equal(layer.Weights / 2, layer.Zeros));
    }

    [Fact]
    public void Reads_the_forms_of_other_exporters()
    {
        var model = ExportedSparsity.Parse(Export([1, 0, 0, 2, 0, 3, 0, 0], [1, 0, 5, 2, 0, 0, 0, 0]));
        var graph = model.Graph;
        var conv = graph.Node.Single(node => node.Name == "conv");
        var fc = graph.Node.Single(node => node.Name == "fc");

        // An integer weight whose zero point is 3, kept in the typed list, behind an Identity.
        var levels = new TensorProto { Name = "levels", DataType = (int)TensorProto.Types.DataType.Int8 };
        levels.Dims.Add([2, 4, 1, 1]);
        levels.Int32Data.Add([3, 3, 1, 0, 3, 3, 3, 0]);
        var zeroPoint = new TensorProto { Name = "zero", DataType = (int)TensorProto.Types.DataType.Int8, RawData = ByteString.CopyFrom(3) };
        graph.Initializer.Add([levels, zeroPoint]);
        graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "levels" }, Output = { "shared" } });
        graph.Node.Add(new NodeProto { OpType = "DequantizeLinear", Input = { "shared", "scale", "zero" }, Output = { "w" } });
        conv.Input[1] = "w";

        // A product whose weight is not transposed: groups run along axis 0.
        fc.OpType = "MatMul";
        var columns = new TensorProto { Name = "columns", DataType = (int)TensorProto.Types.DataType.Float };
        columns.Dims.Add([4, 2]);
        columns.FloatData.Add([0, 1, 1, 0, 0, 0, 0, 0]);
        graph.Initializer.Add(columns);
        fc.Input[1] = "columns";

        Assert.Equal([new("conv", "2x4x1x1", 8, 5, true), new("fc", "4x2", 8, 6, true)], ExportedSparsity.Of(model.ToByteArray()));
    }

    [Fact]
    public void What_is_no_onnx_file_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => ExportedSparsity.Of([1, 2, 3]));
        Assert.Throws<InvalidDataException>(() => ExportedSparsity.Of([]));
        var model = ExportedSparsity.Parse(Export(new float[8], new float[8]));
        model.Graph.Initializer.Single(tensor => tensor.Name == "fc.weight").DataLocation = TensorProto.Types.DataLocation.External;
        Assert.Contains("'fc.weight' are in another file", Assert.Throws<InvalidDataException>(() => ExportedSparsity.Of(model.ToByteArray())).Message, StringComparison.Ordinal);
    }

    private static byte[] Export(float[] conv, float[] fc)
    {
        var builder = new GraphBuilder("input");
        var x = builder.Add(new Conv("conv", "input", "conv_out", 4, 2, Window.Square(1)));
        x = builder.Add(new Flatten("flatten", x, "flatten_out"));
        x = builder.Add(new Gemm("fc", x, "output", 4, 2, HasBias: false));
        var graph = new LayerGraph("two", "input", new(4, 1, 2), x, builder.Nodes);
        return OnnxExporter.Export(
            graph, new Dictionary<string, HostArray> { ["conv.weight"] = HostArray.Of(conv, 2, 4, 1, 1), ["fc.weight"] = HostArray.Of(fc, 2, 4) }, new());
    }
}
