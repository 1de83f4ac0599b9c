using System.Collections.Immutable;
using System.Security.Cryptography;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>Files of recipes that are there keep their bytes: results of years are filed under them.</summary>
public sealed class ExportedBytesTests
{
    [Theory]
    [InlineData("float", 13, BatchNormForm.Fold, "aaaedce214896e22")]
    [InlineData("float", 17, BatchNormForm.Keep, "8f05bbd0b983ee7b")]
    [InlineData("ort", 13, BatchNormForm.Fold, "f8204e60b64e3b05")]
    [InlineData("tensorrt", 13, BatchNormForm.Fold, "31ce790092124d52")]
    [InlineData("tensorrt", 17, BatchNormForm.Keep, "83fc85ce4b3d30a2")]
    public void A_network_of_a_builder_has_the_bytes_that_it_always_had(string form, int opset, BatchNormForm norms, string digest)
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10);
        var weights = graph.Parameters.ToDictionary(parameter => parameter.Name, Weight);
        var options = new ExportOptions(opset, norms);
        Assert.Equal(digest, Convert.ToHexStringLower(SHA256.HashData(form == "float" ? OnnxExporter.Export(graph, weights, options) : Quantized(graph, weights, form, options)))[..16]);
    }

    private static byte[] Quantized(LayerGraph graph, Dictionary<string, HostArray> weights, string form, ExportOptions options)
    {
        var placement = QuantizerPlacement.Of(graph, Dialect.Named(form));
        var ranges = new QuantizationRanges(
            placement.Activations.Index().ToImmutableSortedDictionary(place => place.Item.Tensor, place => 2 + 0.125f * place.Index),
            placement.Weights.ToImmutableSortedDictionary(name => name, name => TestNetwork.ChannelAmax(weights[$"{name}.weight"])));
        return OnnxExporter.ExportQuantized(graph, weights, placement, ranges, Dialect.Named(form), options);
    }

    // Sums and square roots alone, so that every machine has the same.
    private static HostArray Weight(ParameterShape parameter)
    {
        var values = new float[parameter.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = (parameter.Shape.Length > 1 ? -0.4f : 0.75f) + i * 37 % 101 / 128f;
        return HostArray.Of(values, parameter.Shape.AsSpan());
    }
}
