using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Pruning;

/// <summary>Which layers sparse kernels can take: output channels in multiples of 8, input channels per group in multiples of 16.</summary>
/// <remarks>
/// The rule of NVIDIA's ASP for float32 and float16; other types it takes whatever their shape. A stem of 1 or 3 channels, depthwise convolutions and classifiers of 10 or
/// 100 classes stay dense by it. What ASP takes and then cannot mask (five dimensions, channels that do not divide into groups) is not eligible here.
/// </remarks>
public static class Eligibility
{
    private const int OutMultiple = 8;
    private const int InMultiple = 16;

    /// <summary>One entry per convolution and fully connected layer, in graph order, for 2:4 pruning of all that can be.</summary>
    public static ImmutableArray<LayerEligibility> Of(LayerGraph graph) => Of(graph, MaskPattern.TwoFour, PruningScope.Everything);

    /// <summary>One entry per convolution and fully connected layer, in graph order.</summary>
    /// <exception cref="InvalidDataException">The scope names a layer that the graph has not.</exception>
    public static ImmutableArray<LayerEligibility> Of(LayerGraph graph, MaskPattern pattern, PruningScope scope)
    {
        scope.Check(graph);
        return [.. graph.WeightedNodes.Select(node => Of(node, pattern, scope))];
    }

    /// <summary>Every reason why a weight may not be pruned; empty where it may.</summary>
    /// <param name="shape">[K, C per group], [K, C per group, R] or [K, C per group, R, S].</param>
    /// <param name="groups">Groups of a convolution, for the wording.</param>
    /// <param name="type">Type of the weight; only float32 and float16 are held to multiples of 8 and 16.</param>
    /// <param name="trained">False for a frozen weight, which is left alone.</param>
    public static IEnumerable<string> Reasons(
        LayerKind kind, ImmutableArray<long> shape, MaskPattern pattern, int groups = 1, ElementType type = ElementType.F32, bool trained = true)
    {
        if (kind is LayerKind.TransposedConvolution or LayerKind.Embedding)
        {
            yield return $"{kind} layers are never pruned";
            yield break;
        }

        if (!trained)
            yield return "its weight is frozen";
        if (shape.Length is < 2 or > 4)
        {
            yield return $"its weight has {shape.Length} dimensions, and masks are defined for 2 to 4";
            yield break;
        }

        var held = type is ElementType.F32 or ElementType.F16;
        var channels = groups > 1 ? "C per group" : "C";
        if (held && shape[0] % OutMultiple != 0)
            yield return $"K is {shape[0]}, not a multiple of {OutMultiple}";
        if (held && shape[1] % InMultiple != 0)
            yield return $"{channels} is {shape[1]}, not a multiple of {InMultiple}";
        else if (pattern != MaskPattern.GreedyBlocks && shape[1] % pattern.GroupSize != 0)
            yield return $"{channels} is {shape[1]}, not a multiple of {pattern.GroupSize}, the group of {pattern.Name}";
        if (!held && pattern == MaskPattern.BestBlocks && shape.Aggregate(1L, (product, size) => product * size) / shape[1] % 4 != 0)
            yield return $"its rows do not divide into the 4x4 blocks of {pattern.Name}";
    }

    private static LayerEligibility Of(Node node, MaskPattern pattern, PruningScope scope)
    {
        var weightName = ((IWeightedNode)node).WeightName;
        var shape = node.Parameters.First(parameter => parameter.Name == weightName).Shape;
        var kind = node is Conv ? LayerKind.Convolution : LayerKind.Linear;
        var reason = scope.Reason(node.Name, kind) ?? string.Join("; ", Reasons(kind, shape, pattern, node is Conv conv ? conv.Groups : 1));
        return new(node.Name, weightName, string.Join('x', shape), reason.Length == 0, reason);
    }
}
