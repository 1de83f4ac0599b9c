namespace SparseGrid.Compression.Training;

/// <summary>What a training tells and keeps while it runs.</summary>
/// <param name="Progress">Epochs done (a fraction within an epoch) and the latest validation top-1, NaN before the first epoch ended.</param>
/// <param name="Save">Keeps a checkpoint: step and bytes.</param>
/// <param name="CheckpointEvery">Least time between two checkpoints; it changes no result.</param>
/// <param name="Clock">Tells the time for that.</param>
public sealed record TrainingHooks(Action<double, double> Progress, Action<long, byte[]> Save, TimeSpan CheckpointEvery, TimeProvider Clock);
