using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;

namespace SparseGrid.Benchmarks;

/// <summary>Networks with seeded weights and ranges that a calibration might have found; only their speed is of interest.</summary>
internal static class Networks
{
    public static LayerGraph Small { get; } = ResNet.Build("resnet20", new ImageShape(1, 28, 28), 10);

    public static LayerGraph Large { get; } = ResNet.Build("resnet18", new ImageShape(3, 224, 224), 1000);

    public static LayerGraph ResNet50 { get; } = ResNet.Build("resnet50", new ImageShape(3, 224, 224), 1000);

    /// <summary>The weights that can be pruned, by name.</summary>
    public static ImmutableSortedDictionary<string, HostArray> Prunable(LayerGraph graph)
    {
        var weights = GraphNetwork.Initial(graph, 1);
        return Eligibility.Of(graph).Where(layer => layer.Eligible)
            .ToImmutableSortedDictionary(layer => layer.WeightName, layer => weights[layer.WeightName], StringComparer.Ordinal);
    }

    public static QuantizationRanges Ranges(LayerGraph graph, QuantizerPlacement placement)
    {
        var weights = GraphNetwork.Initial(graph, 1);
        return new(
            placement.Activations.ToImmutableSortedDictionary(quantizer => quantizer.Tensor, _ => 4f, StringComparer.Ordinal),
            graph.WeightedNodes.ToImmutableSortedDictionary(
                node => node.Name, node => Compression.Quantization.Calibrators.WeightCalibrator.ChannelAmax(weights[((IWeightedNode)node).WeightName]),
                StringComparer.Ordinal));
    }
}
