using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage calibrate: amax of every activation from its histogram, of every weight channel from its largest magnitude.</summary>
/// <remarks>It keeps no checkpoints: it reads histograms, a few milliseconds each, and one that was cut short starts over and finds the same.</remarks>
internal static class CalibrateRunner
{
    /// <summary>Makes the ranges.</summary>
    public static StageOutput Run(StageWork work, CalibrateStage stage)
    {
        var placement = LayerChoice.Placement(work.Graph, stage.Dialect, stage.Layers);
        var method = Enum.Parse<CalibrationMethod>(stage.Method, ignoreCase: true);
        var histograms = work.Arrays("histograms");
        var weights = work.Arrays("weights");

        var done = 0;
        var activations = ImmutableSortedDictionary.CreateBuilder<string, float>(StringComparer.Ordinal);
        foreach (var quantizer in placement.Activations)
        {
            work.Stop.ThrowIfCancellationRequested();
            var histogram = ActivationHistogram.FromArrays(histograms, quantizer.Tensor + "/");
            activations[quantizer.Tensor] = ActivationCalibrator.Amax(histogram, method, stage.Percentile, quantizer.Signed);
            work.Report(++done, placement.Activations.Length, "quantizers");
        }

        var ranges = new QuantizationRanges(
            activations.ToImmutable(),
            placement.Weights.ToImmutableSortedDictionary(
                node => node,
                node => WeightCalibrator.ChannelAmax(weights[((IWeightedNode)work.Graph.Nodes.First(candidate => candidate.Name == node)).WeightName]),
                StringComparer.Ordinal));
        return new(
            ImmutableSortedDictionary<string, string>.Empty.Add("ranges", work.Artifacts.Put(QuantizationRangesFile.Write(ranges))),
            ImmutableSortedDictionary<string, double>.Empty.Add("quantizers", placement.Activations.Length + placement.Weights.Length),
            [.. InFloat(LayerChoice.Of(stage.Layers).Of(work.Graph))]);
    }

    // One sentence for each rule that leaves layers in float.
    private static IEnumerable<string> InFloat(IEnumerable<LayerQuantization> layers) =>
        layers.Where(layer => !layer.Quantized).GroupBy(layer => layer.Why)
            .Select(rule => $"Not quantized, {rule.Key}: {string.Join(", ", rule.Select(layer => layer.Layer))}.");
}
