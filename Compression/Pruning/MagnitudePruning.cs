using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Pruning;

/// <summary>Prunes a network once, by magnitude: masks of the eligible layers, applied to their weights.</summary>
public static class MagnitudePruning
{
    /// <summary>The pruned network; weights that are not pruned are those given.</summary>
    /// <param name="weights">An array for every parameter of the graph, float32.</param>
    /// <exception cref="InvalidDataException">The scope names a layer that the graph has not, or a weight to prune is NaN or infinite; the error names the layer.</exception>
    public static PrunedNetwork Of(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, MaskPattern pattern, PruningScope scope)
    {
        var layers = Eligibility.Of(graph, pattern, scope);
        var masks = layers.Where(layer => layer.Eligible)
            .ToImmutableSortedDictionary(layer => layer.WeightName, layer => MaskOf(layer, weights[layer.WeightName], pattern), StringComparer.Ordinal);
        var pruned = weights.ToImmutableSortedDictionary(
            entry => entry.Key, entry => masks.TryGetValue(entry.Key, out var mask) ? Masked(entry.Value, mask) : entry.Value, StringComparer.Ordinal);
        return new(pruned, masks, layers);
    }

    private static HostArray MaskOf(LayerEligibility layer, HostArray weight, MaskPattern pattern)
    {
        try
        {
            return pattern.Of(weight);
        }
        catch (ArgumentException refused)
        {
            throw new InvalidDataException($"{layer.Node} cannot be pruned. {refused.Message}", refused);
        }
    }

    // A pruned weight is +0, whatever its sign was.
    private static HostArray Masked(HostArray weight, HostArray mask)
    {
        var masked = weight.Floats.ToArray();
        for (var i = 0; i < masked.Length; i++)
            masked[i] = mask.UnsignedBytes[i] == 1 ? masked[i] : 0;
        return HostArray.Of(masked, weight.Shape.AsSpan());
    }
}
