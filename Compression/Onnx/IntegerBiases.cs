using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx;

/// <summary>The rounding of biases to 32-bit integers, brought back into a network's float parameters.</summary>
/// <remarks>
/// A file with integer biases holds each as a multiple of input scale · weight scale. That moves it by less than a hundredth of an output level, yet about one
/// level in a thousand then falls on the other side of a rounding boundary. A fake-quantized network that is to predict what the file does rounds them too.
/// </remarks>
public static class IntegerBiases
{
    /// <summary>The parameters with every bias that the file holds as integers set to what those integers are worth.</summary>
    /// <param name="weights">As trained, with batch normalizations apart; where one is folded, its shift β takes up the difference.</param>
    /// <returns>All parameters; just the affected biases and shifts differ from <paramref name="weights"/>.</returns>
    /// <exception cref="InvalidDataException">A weight or range is missing or not of the shape that the graph says.</exception>
    public static IReadOnlyDictionary<string, HostArray> Round(
        LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, QuantizerPlacement placement, QuantizationRanges ranges, Dialect dialect,
        ExportOptions options)
    {
        var rounded = weights.ToImmutableSortedDictionary(StringComparer.Ordinal).ToBuilder();
        var foldable = options.BatchNorm == BatchNormForm.Fold ? BatchNormFolding.Foldable(graph) : ImmutableDictionary<string, BatchNorm>.Empty;
        foreach (var layer in new QuantizedForm(graph, weights, placement, ranges, dialect, options).Layers)
        {
            if (layer.Bias is not { } bias || layer.InputScale is not { } inputScale)
                continue;

            var (levels, scales) = layer.Weight.Bias(bias, inputScale);
            var carrier = foldable.TryGetValue(layer.Node.Name, out var norm) ? norm.BiasName : $"{layer.Node.Name}.bias";
            var values = weights[carrier].Floats.ToArray();
            for (var k = 0; k < values.Length; k++)
                values[k] = (float)(values[k] + ((double)levels[k] * scales[k] - bias[k]));
            rounded[carrier] = HostArray.Of(values, values.Length);
        }

        return rounded.ToImmutable();
    }
}
