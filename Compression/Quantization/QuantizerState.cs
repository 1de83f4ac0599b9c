using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Quantization;

/// <summary>Ranges as pytorch-quantization's state dictionary holds them: <c>NAME._amax</c>, [] for a tensor and [K, 1, 1, 1] for a weight.</summary>
/// <remarks>
/// There a quantizer belongs to a module, so a tensor that several modules read has several quantizers, which calibration gives one range. Here it belongs to
/// the tensor. Names of modules are those of its example ResNets: a residual add's quantizer is the block's <c>residual_quantizer</c>.
/// </remarks>
public static class QuantizerState
{
    private const string Suffix = "._amax";

    /// <summary>The quantizers of a placement, module by module in graph order: input before weight.</summary>
    public static ImmutableArray<NamedQuantizer> Names(LayerGraph graph, QuantizerPlacement placement)
    {
        var places = placement.Activations.Select(quantizer => quantizer.Tensor).ToHashSet();
        var names = ImmutableArray.CreateBuilder<NamedQuantizer>();
        foreach (var node in graph.Nodes.Where(node => QuantizedLayers.Has(node) && !placement.FloatReaders.Contains(node.Name)))
        {
            var read = node is Add add ? add.Right : node.Input;
            if (Place(read) is { } tensor)
                names.Add(new(node is Add ? $"{Block(node.Name)}residual_quantizer" : $"{node.Name}._input_quantizer", node.Name, tensor));
            if (placement.Weights.Contains(node.Name))
                names.Add(new($"{node.Name}._weight_quantizer", node.Name, null));
        }

        return names.ToImmutable();

        // The quantizer may stand before what only picks or rearranges values.
        string? Place(string tensor) =>
            places.Contains(tensor) ? tensor
            : graph.ProducerOf(tensor) is (Flatten or MaxPool) and var between ? Place(between.Input)
            : null;
    }

    /// <summary>The ranges by name.</summary>
    public static IReadOnlyDictionary<string, HostArray> Write(LayerGraph graph, QuantizerPlacement placement, QuantizationRanges ranges) =>
        Names(graph, placement).ToDictionary(quantizer => quantizer.Name + Suffix, quantizer =>
        {
            if (quantizer.Tensor is not null)
                return HostArray.Of([ranges.Activations[quantizer.Tensor]]);
            var amax = ranges.Weights[quantizer.Node];
            return amax.Length == 1 ? HostArray.Of(amax.AsSpan()) : HostArray.Of(amax.AsSpan(), [amax.Length, .. Enumerable.Repeat(1L, Rank(graph, quantizer.Node) - 1)]);
        });

    /// <summary>The ranges of a placement out of a state dictionary; what else it holds is passed over.</summary>
    /// <exception cref="InvalidDataException">A range is missing, has another shape, or differs among the quantizers of one tensor.</exception>
    public static QuantizationRanges Read(LayerGraph graph, QuantizerPlacement placement, IReadOnlyDictionary<string, HostArray> state)
    {
        var activations = ImmutableSortedDictionary.CreateBuilder<string, float>(StringComparer.Ordinal);
        var weights = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<float>>(StringComparer.Ordinal);
        foreach (var quantizer in Names(graph, placement))
        {
            var name = quantizer.Name + Suffix;
            if (!state.TryGetValue(name, out var amax) || amax.Type != ElementType.F32 || amax.Count == 0)
                throw new InvalidDataException($"'{name}' is missing in the state dictionary, or no float32; was the network calibrated before it was saved?");

            if (quantizer.Tensor is null)
                weights[quantizer.Node] = [.. amax.Floats];
            else if (amax.Count != 1)
                throw new InvalidDataException($"'{name}' is [{string.Join(", ", amax.Shape)}]: an activation has one range here.");
            else if (activations.TryGetValue(quantizer.Tensor, out var other) && other != amax.Floats[0])
                throw new InvalidDataException($"'{name}' is {amax.Floats[0]}, but another quantizer of the same tensor has {other}; here a tensor has one range. Take one of the two for both.");
            else
                activations[quantizer.Tensor] = amax.Floats[0];
        }

        return new(activations.ToImmutable(), weights.ToImmutable());
    }

    private static string Block(string add) => add.LastIndexOf('.') is >= 0 and var at ? add[..(at + 1)] : "";

    private static int Rank(LayerGraph graph, string node) => graph.Nodes.First(candidate => candidate.Name == node).Parameters.First().Shape.Length;
}
