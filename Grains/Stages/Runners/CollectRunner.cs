using System.Collections.Immutable;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage collect: one pass of calibration images through the network in evaluation mode, a histogram for each quantized tensor;
/// with checkpoints on the way.</summary>
internal static class CollectRunner
{
    /// <summary>Makes the histograms.</summary>
    public static StageOutput Run(StageWork work, CollectStage stage)
    {
        var images = work.Data.CalibrationSample(stage.Images, work.Request.Recipe.Seed);
        var dialect = Dialect.Named(stage.Dialect);
        string[] tensors = stage.AnyLayers == true
            ? [.. QuantizerPlacement.Candidates(work.Graph, dialect)]
            : [.. QuantizerPlacement.Of(work.Graph, dialect).Activations.Select(quantizer => quantizer.Tensor)];
        var latest = work.Checkpoints.Latest(bytes =>
            CalibrationCheckpoint.FromBytes(bytes) is var kept && CalibrationPass.CanResume(kept, images.Count, tensors) ? kept.Images : null);
        var start = latest is not null
            ? CalibrationCheckpoint.FromBytes(latest)
            : new(0, tensors.ToDictionary(tensor => tensor, _ => new ActivationHistogram(stage.Bins, stage.SkipZeros == true)));

        using var network = work.Network(quantize: null);
        var hooks = new CalibrationHooks(
            done => work.Report(done, images.Count, "images", before: start.Images), work.Checkpoints.Save, work.Checkpoints.Rule);
        CalibrationPass.Run(network, images, start, hooks, work.Stop);

        var histograms = start.Histograms;
        var arrays = histograms.SelectMany(histogram => histogram.Value.ToArrays(histogram.Key + "/")).ToDictionary(array => array.Key, array => array.Value);
        return new(
            ImmutableSortedDictionary<string, string>.Empty.Add("histograms", work.Artifacts.Put(SafeTensors.Write(arrays))),
            ImmutableSortedDictionary<string, double>.Empty.Add("images", images.Count).Add("quantizers", histograms.Count),
            images.Count < stage.Images ? [$"calibrate.images is {stage.Images}, but the training split has {images.Count}: all were used."] : []);
    }
}
