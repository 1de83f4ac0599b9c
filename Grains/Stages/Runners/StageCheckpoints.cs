using SparseGrid.Compression.Training;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>The checkpoints of one stage under way. They save time and decide nothing, so none that fails, to be written or to fit, fails the stage.</summary>
internal sealed partial class StageCheckpoints(StageRequest request, ICheckpointStore store, CheckpointOptions options, TimeProvider clock, ILogger log)
{
    private readonly ILogger logger = log;

    /// <summary>How often the stage writes one.</summary>
    public CheckpointRule Rule => new(options.Steps, options.Interval, options.CostShare, clock);

    /// <summary>Keeps a checkpoint; where it cannot be written the log says so, and the stage goes on.</summary>
    /// <exception cref="OperationCanceledException">The stage is to end at once.</exception>
    public void Save(long step, byte[] checkpoint)
    {
        request.AtOnce.ThrowIfCancellationRequested();
        try
        {
            store.Save(request.Key, step, checkpoint);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            LogNotSaved(request.Stage.Kind, request.Key, step, checkpoint.Length, refused.Message);
        }
    }

    /// <summary>The checkpoint to go on from; null where there is none that fits.</summary>
    /// <param name="stepOf">Its step; null where it is not of this stage as this version runs it. May throw <see cref="InvalidDataException"/> for the same.</param>
    public byte[]? Latest(Func<byte[], long?> stepOf)
    {
        if (store.Latest(request.Key) is not { } latest)
            return null;

        if (StepOf(latest, stepOf) is { } step)
        {
            LogGoesOn(request.Stage.Kind, request.Key, step);
            return latest;
        }

        LogStartsOver(request.Stage.Kind, request.Key);
        store.Delete(request.Key);
        return null;
    }

    private static long? StepOf(byte[] checkpoint, Func<byte[], long?> stepOf)
    {
        try
        {
            return stepOf(checkpoint);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
