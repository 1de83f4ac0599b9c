using System.Collections.Immutable;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Pruning;

/// <summary>Which layers sparse kernels can take: output channels in multiples of 8, input channels per group in multiples of 16.</summary>
/// <remarks>The rule of NVIDIA's ASP for float32 and float16. A stem of 1 or 3 channels, depthwise convolutions and classifiers of 10 or 100 classes stay
/// dense by it.</remarks>
public static class Eligibility
{
    private const int OutMultiple = 8;
    private const int InMultiple = 16;

    /// <summary>One entry per convolution and fully connected layer, in graph order.</summary>
    public static ImmutableArray<LayerEligibility> Of(LayerGraph graph) => [.. graph.WeightedNodes.Select(Of)];

    private static LayerEligibility Of(Node node)
    {
        var weightName = ((IWeightedNode)node).WeightName;
        var shape = node.Parameters.First(parameter => parameter.Name == weightName).Shape;
        var reason = string.Join("; ", Reasons(node, shape));
        return new(node.Name, weightName, string.Join('x', shape), reason.Length == 0, reason);
    }

    private static IEnumerable<string> Reasons(Node node, ImmutableArray<long> shape)
    {
        if (shape[0] % OutMultiple != 0)
            yield return $"K is {shape[0]}, not a multiple of {OutMultiple}";
        if (shape[1] % InMultiple != 0)
            yield return $"{(node is Conv { Groups: > 1 } ? "C per group" : "C")} is {shape[1]}, not a multiple of {InMultiple}";
    }
}
