using System.Collections.Immutable;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Contracts.Stages;
using static TorchSharp.torch;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage collect: one pass of calibration images through the network in evaluation mode, a histogram for each quantized tensor.</summary>
internal static class CollectRunner
{
    private const int BatchSize = 64;

    /// <summary>Makes the histograms.</summary>
    public static StageOutput Run(StageWork work, CollectStage stage)
    {
        var images = work.Data.CalibrationSample(stage.Images, work.Request.Recipe.Seed);
        var histograms = QuantizerPlacement.Of(work.Graph, Dialect.Named(stage.Dialect)).Activations
            .ToDictionary(quantizer => quantizer.Tensor, _ => new ActivationHistogram(stage.Bins));

        using var network = work.Network(quantize: null);
        using (no_grad())
        {
            for (var from = 0; from < images.Count; from += BatchSize)
            {
                work.Stop.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var batch = Evaluator.ToTensor(images, from, Math.Min(BatchSize, images.Count - from), work.Device);
                network.Forward(batch, training: false, (name, value) =>
                {
                    if (histograms.TryGetValue(name, out var histogram))
                        histogram.Collect(value, name);
                });
                work.Report(Math.Min(images.Count, from + BatchSize), images.Count, "images");
            }
        }

        var arrays = histograms.SelectMany(histogram => histogram.Value.ToArrays(histogram.Key + "/")).ToDictionary(array => array.Key, array => array.Value);
        return new(
            ImmutableSortedDictionary<string, string>.Empty.Add("histograms", work.Artifacts.Put(SafeTensors.Write(arrays))),
            ImmutableSortedDictionary<string, double>.Empty.Add("images", images.Count).Add("quantizers", histograms.Count),
            images.Count < stage.Images ? [$"calibrate.images is {stage.Images}, but the training split has {images.Count}: all were used."] : []);
    }
}
