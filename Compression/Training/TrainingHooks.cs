namespace SparseGrid.Compression.Training;

/// <summary>What a training tells and keeps while it runs.</summary>
/// <param name="Progress">Told after each step: epochs done (a fraction within an epoch) and the latest validation top-1, NaN before the first epoch ended.</param>
/// <param name="Save">Keeps a checkpoint: steps done and bytes.</param>
/// <param name="Checkpoints">How often one is written.</param>
public sealed record TrainingHooks(Action<double, double> Progress, Action<long, byte[]> Save, CheckpointRule Checkpoints);
