using SparseGrid.Compression.Data;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Training;

/// <summary>What the training framework's model predicts.</summary>
public static class Evaluator
{
    private const int BatchSize = 256;

    /// <summary>Predicted class of each image, in order; on equal scores the smaller class.</summary>
    public static int[] Predict(GraphNetwork network, LabeledImages images, CancellationToken stop = default)
    {
        using var noGrad = no_grad();
        var predictions = new int[images.Count];
        for (var from = 0; from < images.Count; from += BatchSize)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var count = Math.Min(BatchSize, images.Count - from);
            var scores = network.Forward(ToTensor(images, from, count, network.Device), training: false).cpu().contiguous(); // [count, classes]
            Scores.ArgMax(scores.data<float>().ToArray(), images.Classes, predictions.AsSpan(from, count));
        }

        return predictions;
    }

    /// <summary>Share of images whose predicted class is their label, 0 to 1.</summary>
    public static double Top1(GraphNetwork network, LabeledImages images) => Scores.Top1(Predict(network, images), images.Labels);

    /// <summary>Images from an index on as a tensor [count, C, H, W], owned by the caller's scope.</summary>
    internal static Tensor ToTensor(LabeledImages images, int from, int count, Device device) =>
        tensor(
            images.Pixels(from, count), [count, images.Shape.Channels, images.Shape.Height, images.Shape.Width], device: device);
}
