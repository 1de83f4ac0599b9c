using System.Collections.Immutable;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage collect: one pass of calibration images through the network in evaluation mode, a histogram for each quantized tensor.</summary>
internal static class CollectRunner
{
    /// <summary>Makes the histograms.</summary>
    public static StageOutput Run(StageWork work, CollectStage stage)
    {
        var images = work.Data.CalibrationSample(stage.Images, work.Request.Recipe.Seed);
        var histograms = QuantizerPlacement.Of(work.Graph, Dialect.Named(stage.Dialect)).Activations
            .ToDictionary(quantizer => quantizer.Tensor, _ => new ActivationHistogram(stage.Bins));

        using var network = work.Network(quantize: null);
        CalibrationPass.Run(network, images, histograms, done => work.Report(done, images.Count, "images"), work.Stop);

        var arrays = histograms.SelectMany(histogram => histogram.Value.ToArrays(histogram.Key + "/")).ToDictionary(array => array.Key, array => array.Value);
        return new(
            ImmutableSortedDictionary<string, string>.Empty.Add("histograms", work.Artifacts.Put(SafeTensors.Write(arrays))),
            ImmutableSortedDictionary<string, double>.Empty.Add("images", images.Count).Add("quantizers", histograms.Count),
            images.Count < stage.Images ? [$"calibrate.images is {stage.Images}, but the training split has {images.Count}: all were used."] : []);
    }
}
