using SparseGrid.Compression.Data;
using SparseGrid.Compression.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Training;

/// <summary>One pass of calibration images through a network in evaluation mode; it keeps histograms, never activations.</summary>
public static class CalibrationPass
{
    private const int BatchSize = 64;

    /// <summary>Adds the values of every tensor that has a histogram to it.</summary>
    /// <param name="histograms">Tensor name to histogram.</param>
    /// <param name="progress">Told the number of images done.</param>
    public static void Run(
        GraphNetwork network, LabeledImages images, IReadOnlyDictionary<string, ActivationHistogram> histograms, Action<int> progress, CancellationToken stop)
    {
        using var noGrad = no_grad();
        for (var from = 0; from < images.Count; from += BatchSize)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var count = Math.Min(BatchSize, images.Count - from);
            network.Forward(Evaluator.ToTensor(images, from, count, network.Device), training: false, (name, value) =>
            {
                if (histograms.TryGetValue(name, out var histogram))
                    histogram.Collect(value, name);
            });
            progress(from + count);
        }
    }
}
