using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx;

/// <summary>Integer weight and bias of one convolution or fully connected layer, as the file holds them.</summary>
/// <param name="Bias">In output units; null where the layer adds none.</param>
/// <param name="InputScale">Scale of the input, at which the bias becomes an integer; null where it stays float.</param>
/// <param name="OneScale">True where all output channels share one scale, which the file then holds once.</param>
internal sealed record QuantizedLayer(
    IWeightedNode Node, ImmutableArray<long> Shape, QuantizedWeight Weight, double[]? Bias, float? InputScale, bool OneScale = false)
{
    /// <summary>True where the bias is what a file says it is, and is not rounded once more.</summary>
    public bool HasFileBias { get; private init; }

    /// <summary>Quantizes the unfolded weight; a batch normalization to fold goes into the scales and the bias.</summary>
    /// <param name="file">What the file that the layer comes from says of it; null for a layer of no file.</param>
    public static QuantizedLayer Of(
        Node node, IReadOnlyDictionary<string, HostArray> weights, ImmutableArray<float> amax, BatchNorm? norm, float? inputScale, RoundingRule rounding, FileLayer? file = null)
    {
        var parameters = node.Parameters.ToArray();
        var channels = checked((int)parameters[0].Shape[0]);
        var weight = file is null
            ? QuantizedWeight.Of(weights.Of(parameters[0]).Floats, amax, channels, rounding, node.Name)
            : QuantizedWeight.AtScales(weights.Of(parameters[0]).Floats, file.Scales, channels, node.Name);
        var bias = parameters.Length > 1 ? weights.Of(parameters[1]) : null;
        var affine = ChannelAffine.Of(channels, bias, norm, weights, file?.Bias);
        for (var k = 0; k < channels; k++)
        {
            if (!double.IsFinite(affine.Factor[k]) || !double.IsFinite(affine.Shift[k]))
            {
                throw new InvalidDataException(
                    $"Node '{node.Name}', channel {k}, is multiplied by {affine.Factor[k]} and shifted by {affine.Shift[k]}: integers need finite values. " +
                    "Its bias or batch normalization holds no number or a negative variance; has the training diverged?");
            }
        }

        var scaled = file is not null && norm is null ? weight : weight.Times(affine.Factor, affine.Shift, inputScale);
        return new(
            (IWeightedNode)node,
            parameters[0].Shape,
            scaled,
            bias is null && norm is null ? null : affine.Shift,
            inputScale,
            OneScale: amax.Length == 1 && channels > 1 && scaled.Scales.Distinct().Count() == 1)
        {
            HasFileBias = file is not null && norm is null,
        };
    }

    /// <summary>Writes the constants and what turns them into floats.</summary>
    /// <returns>Names of weight and, where there is one, bias.</returns>
    public string[] Write(OnnxGraphWriter writer)
    {
        var channels = Weight.Scales.Length;
        var name = Node.WeightName;
        var levels = writer.Constant($"{name}.quantized", Weight.Levels, Shape.AsSpan());
        if (OneScale)
        {
            var (one, zero) = (writer.Constant($"{name}.scale", [Weight.Scales[0]]), writer.Constant($"{name}.zero_point", (ReadOnlySpan<sbyte>)[0]));
            writer.Node("DequantizeLinear", $"{name}.DequantizeLinear", [levels, one, zero], name);
        }
        else
        {
            var scale = writer.Constant($"{name}.scale", Weight.Scales, channels);
            var zeroPoint = writer.Constant($"{name}.zero_point", new sbyte[channels], channels);
            writer.Node("DequantizeLinear", $"{name}.DequantizeLinear", [levels, scale, zeroPoint], name, OnnxAttribute.Int("axis", 0));
        }

        if (Bias is null)
            return [name];

        var biasName = $"{Node.Name}.bias";
        if (InputScale is not { } inputScale)
            return [name, writer.Constant(biasName, Array.ConvertAll(Bias, value => (float)value), channels)];

        var bias = Weight.Bias(Bias, inputScale);
        var biasLevels = writer.Constant($"{biasName}.quantized", bias.Levels, channels);
        var biasScale = writer.Constant($"{biasName}.scale", bias.Scales, channels);
        return [name, writer.Node("DequantizeLinear", $"{biasName}.DequantizeLinear", [biasLevels, biasScale], biasName, OnnxAttribute.Int("axis", 0))];
    }
}
