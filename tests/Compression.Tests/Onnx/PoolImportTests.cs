using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>Average pools as PyTorch's exporter writes them; expected values are PyTorch's for 0 to 15 as a 4x4 image.</summary>
public sealed class PoolImportTests
{
    [Fact]
    public void Rounding_up_divides_by_the_pixels_of_the_image_alone()
    {
        // AvgPool2d(3, 2, ceil_mode=True), and with padding=1, count_include_pad=False.
        foreach (var counts in (int[])[0, 1])
            AssertMeans([5, 6.5f, 11, 12.5f], Model(3, 2, [0, 0, 0, 0], null, counts, ceil: 1), inRuntime: counts == 0);
        AssertMeans([2.5f, 4, 5, 8.5f, 10, 11, 12.5f, 14, 15], Model(3, 2, [1, 1, 1, 1], null, 0, ceil: 1));
    }

    [Fact]
    public void Padding_before_a_pool_counts()
    {
        // AvgPool2d(2, 2, padding=1).
        AssertMeans([0, 0.75f, 0.75f, 3, 7.5f, 4.5f, 3, 6.75f, 3.75f], Model(2, 2, [0, 0, 0, 0], [0, 0, 1, 1, 0, 0, 1, 1], 0, ceil: 0));
        Assert.Contains("node 'mean' (AveragePool) has padding that does not count around padding that does", Refused(Model(2, 2, [1, 1, 1, 1], [0, 0, 1, 1, 0, 0, 1, 1], 0, ceil: 0)));
        Assert.Contains("rounds its size up and counts its padding", Refused(Model(3, 3, [1, 1, 1, 0], null, 1, ceil: 1)));
    }

    private static string Refused(byte[] file) => Assert.Throws<InvalidDataException>(() => OnnxImport.Read(file, "pool.onnx")).Message;

    private static void AssertMeans(float[] expected, byte[] file, bool inRuntime = true)
    {
        var images = HostArray.Of([.. Enumerable.Range(0, 16).Select(i => (float)i)], 1, 1, 4, 4);
        var network = OnnxImport.Read(file, "pool.onnx");
        ImportedModel.AssertNear(expected, ImportedModel.Run(network.Graph, network.Weights, images));
        ImportedModel.AssertNear(expected, ImportedModel.InRuntime(OnnxExporter.Export(network.Graph, network.Weights, new()), images));
        if (inRuntime)
            ImportedModel.AssertNear(expected, ImportedModel.InRuntime(file, images));
    }

    private static byte[] Model(int kernel, int stride, long[] pads, long[]? zeros, int counts, int ceil)
    {
        var writer = new OnnxGraphWriter(13);
        writer.Input("x", 1, 1, 4, 4);
        var x = zeros is null ? "x" : writer.Node("Pad", "pad", ["x", writer.Constant("zeros", (ReadOnlySpan<long>)zeros, 8)], "padded");
        writer.Node(
            "AveragePool", "mean", [x], "means", OnnxAttribute.Ints("kernel_shape", kernel, kernel), OnnxAttribute.Ints("strides", stride, stride), OnnxAttribute.Ints("pads", pads),
            OnnxAttribute.Int("count_include_pad", counts), OnnxAttribute.Int("ceil_mode", ceil));
        writer.Node("Flatten", "flatten", ["means"], "y");
        writer.Output("y", 1, null);
        return writer.Bytes("pool", metadata: null, dialect: null);
    }
}
