using SparseGrid.Compression.Data;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Training;

/// <summary>One pass of calibration images through a network in evaluation mode; it keeps histograms, never activations.</summary>
public static class CalibrationPass
{
    private const int UsualBatchSize = 64;

    /// <summary>True where a pass over images and tensors can go on from a checkpoint: the same tensors, whole batches, not past the end.</summary>
    public static bool CanResume(CalibrationCheckpoint checkpoint, int images, IEnumerable<string> tensors) =>
        checkpoint.Images >= 0 && checkpoint.Images <= images && (checkpoint.Images % UsualBatchSize == 0 || checkpoint.Images == images)
        && tensors.ToHashSet().SetEquals(checkpoint.Histograms.Keys);

    /// <summary>Adds the values of every tensor that has a histogram to it.</summary>
    /// <param name="start">Where to begin: no images and empty histograms, or a checkpoint of the same pass. Its histograms are filled.</param>
    /// <param name="stop">When cancelled, a checkpoint is written and the call ends with <see cref="OperationCanceledException"/>.</param>
    /// <param name="batchSize">Images a batch. The first batch decides the bins, so another size gives other ranges; only a pass of the usual size can be resumed.</param>
    /// <exception cref="ArgumentException">There are no images, or an activation is NaN or infinite; names it and its batch.</exception>
    public static void Run(GraphNetwork network, LabeledImages images, CalibrationCheckpoint start, CalibrationHooks hooks, CancellationToken stop, int batchSize = UsualBatchSize)
    {
        if (images.Count == 0)
            throw new ArgumentException("There are no calibration images, and ranges come from them. Give at least one.", nameof(images));

        using var noGrad = no_grad();
        var done = start.Images;
        void Save() => hooks.Save(done, (start with { Images = done }).ToBytes());

        var pace = hooks.Checkpoints.From(done / batchSize);
        while (done < images.Count)
        {
            if (stop.IsCancellationRequested)
            {
                Save();
                stop.ThrowIfCancellationRequested();
            }

            using var scope = NewDisposeScope();
            var count = Math.Min(batchSize, images.Count - done);
            var batch = $"batch {done / batchSize + 1} (images {done + 1} to {done + count})";
            network.Forward(Evaluator.ToTensor(images, done, count, network.Device), training: false, (name, value) =>
            {
                if (start.Histograms.TryGetValue(name, out var histogram))
                    histogram.Collect(value, name, batch);
            });
            done += count;
            hooks.Progress(done);
            if (done < images.Count)
                pace.Offer(done / batchSize, Save);
        }
    }
}
