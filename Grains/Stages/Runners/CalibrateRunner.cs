using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;
using SparseGrid.Compression.Tensors;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage calibrate: amax of every activation from its histogram, of every weight channel from its weights.</summary>
/// <remarks>It keeps no checkpoints: it reads histograms, a few milliseconds each, and one that was cut short starts over and finds the same.</remarks>
internal static class CalibrateRunner
{
    /// <summary>Makes the ranges.</summary>
    public static StageOutput Run(StageWork work, CalibrateStage stage)
    {
        var placement = LayerChoice.Placement(work.Graph, stage.Dialect, stage.Layers);
        var search = new RangeSearch(
            Method(stage.Method), stage.Percentile, stage.Search?.StartBin ?? RangeSearch.UsualStart, stage.Search?.Stride ?? 1);
        var range = new WeightRange(
            Method(stage.Weights?.Method ?? "max"), stage.Weights?.Granularity == "tensor" ? WeightGranularity.Tensor : WeightGranularity.Channel,
            Percentile: stage.Weights?.Percentile ?? 0);
        var histograms = work.Arrays("histograms");
        var weights = work.Arrays("weights");

        var done = 0;
        var activations = ImmutableSortedDictionary.CreateBuilder<string, float>(StringComparer.Ordinal);
        foreach (var quantizer in placement.Activations)
        {
            work.Stop.ThrowIfCancellationRequested();
            var histogram = ActivationHistogram.FromArrays(histograms, quantizer.Tensor + "/");
            activations[quantizer.Tensor] = ActivationCalibrator.Amax(histogram, search, quantizer.Levels);
            work.Report(++done, placement.Activations.Length, "quantizers");
        }

        var ranges = new QuantizationRanges(
            activations.ToImmutable(),
            placement.Weights.ToImmutableSortedDictionary(
                node => node,
                node => OfWeight(weights[((IWeightedNode)work.Graph.Nodes.First(candidate => candidate.Name == node)).WeightName], range),
                StringComparer.Ordinal));
        return new(
            ImmutableSortedDictionary<string, string>.Empty.Add("ranges", work.Artifacts.Put(QuantizationRangesFile.Write(ranges))),
            ImmutableSortedDictionary<string, double>.Empty.Add("quantizers", placement.Activations.Length + placement.Weights.Length),
            [.. InFloat(LayerChoice.Of(stage.Layers).Of(work.Graph))]);
    }

    private static CalibrationMethod Method(string word) => Enum.Parse<CalibrationMethod>(word, ignoreCase: true);

    // One for each output channel, whatever they share: files and training know no other form.
    private static ImmutableArray<float> OfWeight(HostArray weight, WeightRange range)
    {
        var amax = WeightCalibrator.Amax(weight, range, QuantizationLevels.NarrowInt8);
        return range.Granularity == WeightGranularity.Channel ? amax : [.. Enumerable.Repeat(amax[0], (int)weight.Shape[0])];
    }

    // One sentence for each rule that leaves layers in float.
    private static IEnumerable<string> InFloat(IEnumerable<LayerQuantization> layers) =>
        layers.Where(layer => !layer.Quantized).GroupBy(layer => layer.Why)
            .Select(rule => $"Not quantized, {rule.Key}: {string.Join(", ", rule.Select(layer => layer.Layer))}.");
}
