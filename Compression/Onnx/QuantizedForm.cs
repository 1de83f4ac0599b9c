using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx;

/// <summary>What a quantized export adds to a graph: quantizers between the nodes, and integer weights and biases.</summary>
internal sealed class QuantizedForm
{
    private readonly Dictionary<string, ActivationQuantizer> quantizers;
    private readonly Dictionary<string, QuantizedLayer> layers = [];
    private readonly QuantizationRanges ranges;
    private readonly HashSet<string> floatReaders;

    public QuantizedForm(
        LayerGraph graph,
        IReadOnlyDictionary<string, HostArray> weights,
        QuantizerPlacement placement,
        QuantizationRanges ranges,
        Dialect dialect,
        ExportOptions options,
        IReadOnlyDictionary<string, FileLayer>? file = null)
    {
        this.ranges = ranges;
        floatReaders = [.. placement.FloatReaders];
        Dialect = dialect;
        quantizers = placement.Activations.ToDictionary(quantizer => quantizer.Tensor);

        var quantizedNodes = placement.Weights.ToHashSet();
        var foldable = options.BatchNorm == BatchNormForm.Fold
            ? BatchNormFolding.Foldable(graph).Where(pair => !quantizers.ContainsKey(pair.Value.Input)).ToDictionary()
            : [];
        Graph = BatchNormFolding.WithoutFolded(graph, foldable);
        FloatWeights = BatchNormFolding.FoldWeights(graph, weights, foldable);
        foreach (var node in graph.WeightedNodes.Where(node => quantizedNodes.Contains(node.Name)))
        {
            if (!ranges.Weights.TryGetValue(node.Name, out var amax))
                throw new InvalidDataException($"Node '{node.Name}' is quantized, but its weight has no range; calibrate with the same placement.");
            var inputScale = dialect.IntegerBias && !floatReaders.Contains(node.Name) && QuantizerOf(node.Input) is { } input ? ScaleOf(input) : (float?)null;
            layers.Add(node.Name, QuantizedLayer.Of(node, weights, amax, foldable.GetValueOrDefault(node.Name), inputScale, options.Rounding, file?.GetValueOrDefault(node.Name)));
        }
    }

    /// <summary>The graph as written.</summary>
    public LayerGraph Graph { get; }

    /// <summary>Weights of what stays float.</summary>
    public IReadOnlyDictionary<string, HostArray> FloatWeights { get; }

    /// <summary>The quantized layers.</summary>
    public IEnumerable<QuantizedLayer> Layers => layers.Values;

    /// <summary>The form of the file.</summary>
    public Dialect Dialect { get; }

    /// <summary>The name under which a node's output is written: that of the graph, unless the output of the network is itself quantized.</summary>
    public string Written(string tensor) => tensor == Graph.OutputName && quantizers.ContainsKey(tensor) ? $"{tensor}.float" : tensor;

    /// <summary>The name under which a node reads a tensor: quantized where it is, but for the nodes that the placement lets read floats.</summary>
    public string Read(Node node, string tensor) => floatReaders.Contains(node.Name) ? Written(tensor) : Dequantized(tensor);

    /// <summary>Writes the quantizer of a tensor, if it has one.</summary>
    public void WriteQuantizer(OnnxGraphWriter writer, string tensor)
    {
        if (!IsQuantized(tensor))
            return;

        var quantizer = QuantizerOf(tensor)!;
        var (scale, zeroPoint) = ($"{quantizer.Tensor}.scale", $"{quantizer.Tensor}.zero_point");
        if (quantizer.Tensor == tensor)
        {
            writer.Constant(scale, [ScaleOf(quantizer)]);
            if (quantizer.Signed)
                writer.Constant(zeroPoint, (ReadOnlySpan<sbyte>)[0]);
            else
                writer.Constant(zeroPoint, (ReadOnlySpan<byte>)[0]);
        }

        var levels = writer.Node("QuantizeLinear", $"{tensor}.QuantizeLinear", [Written(tensor), scale, zeroPoint], $"{tensor}.quantized");
        writer.Node("DequantizeLinear", $"{tensor}.DequantizeLinear", [levels, scale, zeroPoint], Dequantized(tensor));
    }

    /// <summary>Writes weight and bias of a quantized node and gives the names to read them by; null for a node that stays float.</summary>
    public string[]? WriteParameters(OnnxGraphWriter writer, Node node) => layers.TryGetValue(node.Name, out var layer) ? layer.Write(writer) : null;

    private string Dequantized(string tensor) => !IsQuantized(tensor) || tensor == Graph.OutputName ? tensor : $"{tensor}.dequantized";

    /// <summary>
    /// True where a tensor is quantized: it has a quantizer, or it only rearranges or picks values of one that has, and the runtime wants to see that.
    /// The second quantizing changes no value: it has the scale of the first.
    /// </summary>
    private bool IsQuantized(string tensor) =>
        quantizers.ContainsKey(tensor) || (Dialect.QuantizeBeforeMaxPool && tensor != Graph.OutputName && QuantizerOf(tensor) is not null);

    /// <summary>The quantizer whose levels a tensor's values are; null where it has other values.</summary>
    private ActivationQuantizer? QuantizerOf(string tensor) =>
        quantizers.TryGetValue(tensor, out var quantizer) ? quantizer
        : Graph.ProducerOf(tensor) is (Flatten or MaxPool) and var node && !floatReaders.Contains(node.Name) ? QuantizerOf(node.Input)
        : null;

    private float ScaleOf(ActivationQuantizer quantizer)
    {
        if (!ranges.Activations.TryGetValue(quantizer.Tensor, out var amax))
            throw new InvalidDataException($"Tensor '{quantizer.Tensor}' is quantized, but has no range; calibrate with the same placement.");
        if (!float.IsFinite(amax) || amax < 0)
            throw new InvalidDataException($"The range of tensor '{quantizer.Tensor}' is {amax}: amax is finite and not negative; was it calibrated on real data?");

        return QuantizationScale.Of(amax, quantizer.MaxLevel);
    }
}
