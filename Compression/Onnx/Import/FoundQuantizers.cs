using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;

namespace SparseGrid.Compression.Onnx.Import;

/// <summary>Takes the quantizers out of the layers of a file, and says where they stood.</summary>
internal sealed class FoundQuantizers
{
    private readonly string input;
    private readonly Dictionary<string, ReadQuantizer> quantizers = [];
    private readonly HashSet<string> floatReaders = [];

    /// <param name="input">The network's input tensor.</param>
    /// <param name="nodes">Layers and quantizers that the output needs, in order.</param>
    /// <param name="output">The network's output tensor.</param>
    /// <exception cref="InvalidDataException">The graph has no form for how a tensor is quantized.</exception>
    public FoundQuantizers(string input, IReadOnlyList<Node> nodes, string output)
    {
        this.input = input;
        var rounded = new Dictionary<string, string>();
        foreach (var quantizer in nodes.OfType<ReadQuantizer>())
        {
            rounded[quantizer.To] = quantizer.From;
            if (quantizers.TryAdd(quantizer.From, quantizer))
                continue;
            var other = quantizers[quantizer.From];
            if ((other.Scale, other.Signed) != (quantizer.Scale, quantizer.Signed))
                throw new InvalidDataException($"tensor '{quantizer.From}' has two quantizers, {other} and {quantizer}, and one is possible here. Give both the same range");
        }

        foreach (var layer in nodes.Where(node => node is not ReadQuantizer && node.Inputs.Any(quantizers.ContainsKey)))
        {
            floatReaders.Add(layer.Name);
            if (layer.Inputs.FirstOrDefault(rounded.ContainsKey) is { } beside)
            {
                throw new InvalidDataException(
                    $"node '{layer.Name}' reads '{layer.Inputs.First(quantizers.ContainsKey)}' as it is, though another node reads it quantized, and beside it '{rounded[beside]}' quantized; "
                    + "here a node reads either floats or what is quantized. Let it read both quantized");
            }
        }

        if (quantizers.ContainsKey(output))
            throw new InvalidDataException($"its output '{output}' is quantized for another node, but given out as it is. Give out what is quantized");
        // The file's name of the output stays, though the tensor before the quantizer is meant.
        var before = rounded.GetValueOrDefault(output);
        string Name(string tensor) => rounded.GetValueOrDefault(tensor, tensor) is var name && name == before && before != input ? output : name;
        Output = Name(output);
        Layers = [.. nodes.Where(node => node is not ReadQuantizer).Select(node => quantizers.Count == 0 ? node : node.WithTensors(Name))];
        if (before is not null && quantizers.Remove(before, out var last))
            quantizers[Output] = last;
    }

    /// <summary>The layers, reading the tensors before the quantizers.</summary>
    public ImmutableArray<Node> Layers { get; }

    /// <summary>The network's output tensor.</summary>
    public string Output { get; }

    /// <summary>Placement and ranges; null where nothing is quantized.</summary>
    /// <param name="weightSteps">Scales of quantized weights by layer.</param>
    /// <param name="dialect">The file's word for its form, or null.</param>
    /// <param name="hasIntegerBias">True where biases are integers.</param>
    /// <param name="notes">Told what the dialect does otherwise.</param>
    public ImportedQuantization? Quantization(LayerGraph graph, Dictionary<string, float[]> weightSteps, string? dialect, bool hasIntegerBias, List<string> notes)
    {
        ImmutableArray<string> weights = [.. graph.WeightedNodes.Select(node => node.Name).Where(weightSteps.ContainsKey)];
        if (weights.IsEmpty && quantizers.Count == 0)
            return null;

        var order = new[] { input }.Concat(graph.Nodes.SelectMany(node => node.Outputs));
        var placement = new QuantizerPlacement([.. order.Where(quantizers.ContainsKey).Select(tensor => new ActivationQuantizer(tensor, quantizers[tensor].Signed))], weights)
        {
            FloatReaders = [.. floatReaders],
        };
        var ranges = new QuantizationRanges(
            placement.Activations.ToImmutableSortedDictionary(
                place => place.Tensor, place => QuantizationSteps.Amax(quantizers[place.Tensor].Scale, place.MaxLevel), StringComparer.Ordinal),
            weights.ToImmutableSortedDictionary(
                name => name, name => ImmutableArray.Create(Array.ConvertAll(weightSteps[name], scale => QuantizationSteps.Amax(scale, 127))), StringComparer.Ordinal));

        var small = ranges.Weights.Sum(range => range.Value.Count(QuantizationScale.IsZero));
        if (small > 0)
            notes.Add($"{small} output channels have weights of at most 2^-24, which count as zero here.");
        if (ranges.Activations.FirstOrDefault(range => QuantizationScale.IsZero(range.Value)) is { Key: { } tiny })
            notes.Add($"Tensor '{tiny}' has a range of at most 2^-24, which counts as zero here.");

        var nearest = Dialect.All.Where(each => each.Name == dialect).Concat(Dialect.All.OrderBy(each => Differences(graph, placement, each).Length * 2 + (each.IntegerBias == hasIntegerBias ? 0 : 1))).First();
        var differences = Differences(graph, placement, nearest);
        if (differences.Length > 0)
            notes.Add($"The file's quantizers are kept as they are; dialect {nearest.Name}, the nearest, places them otherwise: {Weights.StateDictText.Listed(differences)}.");
        return new(placement, ranges, nearest);
    }

    // What a dialect would do otherwise, if it left in float the layers that the file does.
    private static string[] Differences(LayerGraph graph, QuantizerPlacement placement, Dialect dialect)
    {
        var tensors = placement.Activations.Select(place => place.Tensor).ToHashSet();
        bool Reads(string tensor) => tensors.Contains(tensor) || (graph.ProducerOf(tensor) is (Flatten or MaxPool) and var node && Reads(node.Input));
        bool Quantizes(Node layer) => layer is IWeightedNode ? placement.Weights.Contains(layer.Name) : !placement.FloatReaders.Contains(layer.Name) && layer.Inputs.Any(Reads);
        var floats = graph.Nodes.Where(node => QuantizedLayers.Has(node) && !Quantizes(node)).Select(node => node.Name).ToArray();
        if (placement.Weights.IsEmpty)
            return ["no weight is quantized"];

        // Before or behind what only moves or picks values, a quantizer gives the same levels.
        string Place(string tensor) => graph.ProducerOf(tensor) is (Flatten or MaxPool) and var node ? Place(node.Input) : tensor;
        Dictionary<string, bool> Placed(QuantizerPlacement of) => of.Activations.GroupBy(place => Place(place.Tensor)).ToDictionary(same => same.Key, same => same.First().Signed);
        var (found, expected) = (Placed(placement), Placed(QuantizerPlacement.Of(graph, dialect, new(Exclude: floats.Length > 0 ? LayerPatterns.Parse(floats) : null))));
        return
        [
            .. found.Keys.Except(expected.Keys).Order(StringComparer.Ordinal).Select(tensor => $"not '{tensor}'"),
            .. expected.Keys.Except(found.Keys).Order(StringComparer.Ordinal).Select(tensor => $"'{tensor}' too"),
            .. found.Where(place => expected.TryGetValue(place.Key, out var signed) && signed != place.Value).Select(place => $"'{place.Key}' {(place.Value ? "unsigned" : "signed")}"),
        ];
    }
}
