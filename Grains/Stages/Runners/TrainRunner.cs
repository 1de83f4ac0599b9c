using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Randomness;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stages train and finetune: from weights to weights, with checkpoints on the way.</summary>
internal static class TrainRunner
{
    /// <summary>Trains from the seed's initial weights, or on from those that were loaded.</summary>
    public static StageOutput Train(StageWork work, TrainStage stage)
    {
        using var network = work.Has("weights")
            ? work.Network(quantize: null)
            : new GraphNetwork(work.Graph, GraphNetwork.Initial(work.Graph, work.Request.Recipe.Seed), work.Device);
        return Run(work, network, stage.Settings, ImmutableSortedDictionary<string, HostArray>.Empty, stage.Kind);
    }

    /// <summary>Trains on from given weights, under their masks, quantization-aware where the stage says so.</summary>
    public static StageOutput Finetune(StageWork work, FinetuneStage stage)
    {
        using var network = work.Network(stage.Quantize);
        var masks = work.Has("masks") ? work.Arrays("masks") : ImmutableSortedDictionary<string, HostArray>.Empty;
        return Run(work, network, stage.Settings, masks, stage.Quantize is null ? "finetune" : "qat");
    }

    private static StageOutput Run(
        StageWork work, GraphNetwork network, TrainSettings settings, ImmutableSortedDictionary<string, HostArray> masks, string purpose)
    {
        var seed = (long)new CounterRandom(work.Request.Recipe.Seed, purpose).Bits(0);
        var plan = new TrainingPlan(
            settings.Epochs, settings.BatchSize, settings.LearningRate, settings.Momentum, settings.WeightDecay,
            Enum.Parse<ScheduleForm>(settings.Schedule, ignoreCase: true), settings.WarmupEpochs, settings.StepEpochs, settings.StepFactor,
            settings.LabelSmoothing, settings.ShiftPixels, settings.Flip, seed, settings.Nesterov == true,
            settings.AdamW is { } adamW ? new(adamW.Beta1, adamW.Beta2, adamW.Epsilon) : null);

        var before = double.NaN;
        var hooks = new TrainingHooks(
            (epochs, top1) =>
            {
                before = double.IsNaN(before) ? epochs : before;
                work.Report(epochs, settings.Epochs, "epochs", top1, before);
            },
            work.Checkpoints.Save, work.Checkpoints.Rule);
        var latest = work.Checkpoints.Latest(checkpoint => StepOf(checkpoint, work.Graph, plan));
        var outcome = Trainer.Run(network, work.Data, plan, masks, latest, hooks, work.Stop);

        var weights = work.Artifacts.Put(SafeTensors.Write(network.ToArrays()));
        var numbers = ImmutableSortedDictionary<string, double>.Empty
            .Add("validation_top1", outcome.ValidationTop1)
            .Add("diverged", outcome.DivergedInEpoch is null ? 0 : 1);
        if (double.IsFinite(outcome.TrainLoss))
            numbers = numbers.Add("train_loss", outcome.TrainLoss);
        var sign = double.IsFinite(outcome.TrainLoss) ? "weights became NaN or infinite" : $"its loss was {outcome.TrainLoss}";
        ImmutableArray<string> notes = outcome.DivergedInEpoch is { } epoch
            ? [$"The training diverged in epoch {epoch}: {sign}. "
                + $"The weights are those it started from; try a lower learning rate than {settings.LearningRate}."]
            : [];
        return new(ImmutableSortedDictionary<string, string>.Empty.Add("weights", weights), numbers, notes);
    }

    // Whole, but of a version that wrote others: then the stage starts over and makes the same bytes.
    private static long? StepOf(byte[] bytes, LayerGraph graph, TrainingPlan plan)
    {
        var checkpoint = TrainingCheckpoint.FromBytes(bytes);
        return checkpoint.Fits(graph, plan) ? checkpoint.Step : null;
    }
}
