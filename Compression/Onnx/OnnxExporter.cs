using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx;

/// <summary>Writes a layer graph with its weights as an ONNX file. Names of nodes, tensors and weights are kept; equal inputs give equal bytes.</summary>
public static class OnnxExporter
{
    /// <summary>Writes the network in float32.</summary>
    /// <param name="weights">Every parameter and running statistic of the graph, by name; others are ignored.</param>
    /// <returns>The file's bytes.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidDataException">The graph cannot run, or a weight is missing or has another shape than the graph says.</exception>
    public static byte[] Export(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, ExportOptions options)
    {
        Check(graph, options);
        if (options.BatchNorm == BatchNormForm.Fold)
            (graph, weights) = BatchNormFolding.Fold(graph, weights);
        return new LayerGraphWriter(graph, weights, options, quantized: null).Write();
    }

    /// <summary>Writes the network with QuantizeLinear and DequantizeLinear at every quantized tensor, and weights as int8 constants with
    /// DequantizeLinear.</summary>
    /// <param name="weights">As trained, with batch normalizations apart: the ranges of weights are those of the unfolded ones.</param>
    /// <param name="placement">What is quantized.</param>
    /// <param name="ranges">amax of each of these.</param>
    /// <param name="dialect">The form in which the file says it.</param>
    /// <returns>The file's bytes.</returns>
    /// <remarks>
    /// An activation has one scale, amax / 127 signed or amax / 255 unsigned, and 1 where amax is 0. A batch normalization folded into a convolution changes
    /// the
    /// weight's scales, never its integers (but for their sign where γ is negative): see <see cref="QuantizedWeight.Times"/> for the one exception.
    /// </remarks>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidDataException">The graph cannot run, or a weight or range is missing or not of the shape that the graph says.</exception>
    public static byte[] ExportQuantized(
        LayerGraph graph,
        IReadOnlyDictionary<string, HostArray> weights,
        QuantizerPlacement placement,
        QuantizationRanges ranges,
        Dialect dialect,
        ExportOptions options)
    {
        Check(graph, options);
        var quantized = new QuantizedForm(graph, weights, placement, ranges, dialect, options);
        return new LayerGraphWriter(quantized.Graph, quantized.FloatWeights, options, quantized).Write();
    }

    private static void Check(LayerGraph graph, ExportOptions options)
    {
        options.Check();
        var problems = graph.Problems().ToArray();
        if (problems.Length > 0)
            throw new InvalidDataException($"Network '{graph.Name}' cannot be exported. {string.Join(" ", problems)}");
    }
}
