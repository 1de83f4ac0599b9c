using SparseGrid.Compression.Data;
using SparseGrid.Compression.Native;
using SparseGrid.Compression.Tensors;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace SparseGrid.Compression.Training;

/// <summary>
/// Trains a network; one code for CPU and CUDA, for training, sparse fine-tuning (masks) and quantization-aware training (a network that quantizes).
/// </summary>
public static class Trainer
{
    /// <summary>Runs the plan to its end, or from a checkpoint on. The network holds the final weights afterwards.</summary>
    /// <param name="network">Starts from its present weights.</param>
    /// <param name="masks">Parameter name to mask; empty for a dense training.</param>
    /// <param name="resumeFrom">A checkpoint of the same plan, or null.</param>
    /// <param name="stop">When cancelled, a checkpoint is written and the call ends with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidDataException">The batch is larger than the training split.</exception>
    public static TrainingOutcome Run(
        GraphNetwork network, DataSplits data, TrainingPlan plan, IReadOnlyDictionary<string, HostArray> masks, byte[]? resumeFrom, TrainingHooks hooks,
        CancellationToken stop)
    {
        var batches = new BatchSource(data.Train, plan.BatchSize, plan.Seed, plan.ShiftPixels, plan.Flip);
        var perEpoch = batches.BatchesPerEpoch;
        var total = (long)plan.Epochs * perEpoch;
        var schedule = new TrainingSchedule(
            plan.Schedule, plan.LearningRate, (long)Math.Round(plan.WarmupEpochs * perEpoch), total, (long)plan.StepEpochs * perEpoch, plan.StepFactor);
        using var optimizer = MaskedOptimizer.Of(plan, network.Trained, masks);

        var start = network.ToArrays();
        var (step, epochLoss, top1) = (0L, 0.0, double.NaN);
        if (resumeFrom is not null)
        {
            var checkpoint = TrainingCheckpoint.FromBytes(resumeFrom);
            network.Load(checkpoint.Weights);
            optimizer.Load(checkpoint.Optimizer);
            (step, epochLoss, top1) = (checkpoint.Step, checkpoint.EpochLoss, checkpoint.ValidationTop1);
        }

        // Summed on the device and read once an epoch or checkpoint: a read makes a GPU wait.
        using var pending = zeros(1, dtype: ScalarType.Float64, device: network.Device).DetachFromDisposeScope();
        double TakePending()
        {
            using var scope = NewDisposeScope();
            var sum = pending.cpu().item<double>();
            pending.zero_();
            return sum;
        }

        void Save()
        {
            epochLoss += TakePending();
            hooks.Save(step, new TrainingCheckpoint(step, epochLoss, top1, network.ToArrays(), optimizer.ToArrays()).ToBytes());
        }

        var lastLoss = double.NaN;
        var pace = hooks.Checkpoints.From(step);
        while (step < total)
        {
            if (stop.IsCancellationRequested)
            {
                Save();
                stop.ThrowIfCancellationRequested();
            }

            var epoch = step / perEpoch;
            TrainStep(network, optimizer, batches, epoch, (int)(step % perEpoch), schedule.At(step), plan.LabelSmoothing, pending);
            step++;

            if (step % perEpoch == 0)
            {
                lastLoss = (epochLoss + TakePending()) / perEpoch;
                epochLoss = 0;
                // The loss is that before the step, so the last step can break the weights unseen; and running statistics can overflow while the
                // batches are still normalized by their own.
                if (!double.IsFinite(lastLoss) || !network.IsFinite())
                {
                    network.Load(start);
                    return new(Evaluator.Top1(network, data.Validation), lastLoss, (int)epoch + 1);
                }

                top1 = Evaluator.Top1(network, data.Validation);
            }

            hooks.Progress((double)step / perEpoch, top1);
            if (step < total)
                pace.Offer(step, Save);
        }

        return new(top1, lastLoss, null);
    }

    private static void TrainStep(
        GraphNetwork network, MaskedOptimizer optimizer, BatchSource batches, long epoch, int index, double learningRate, double labelSmoothing, Tensor lossSum)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = batches.Batch(epoch, index, network.Device);
        var loss = cross_entropy(network.Forward(images, training: true), labels, label_smoothing: labelSmoothing);
        loss.backward();
        optimizer.Step(learningRate);
        using var noGrad = no_grad();
        lossSum.add_(loss.detach(), NativeScalar.One);
    }
}
