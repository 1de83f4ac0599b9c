namespace SparseGrid.Compression.Training;

/// <summary>What a calibration pass tells and keeps while it runs.</summary>
/// <param name="Progress">Told after each batch: images done.</param>
/// <param name="Save">Keeps a checkpoint: images done and bytes.</param>
/// <param name="Checkpoints">How often one is written; a step is a batch.</param>
public sealed record CalibrationHooks(Action<int> Progress, Action<long, byte[]> Save, CheckpointRule Checkpoints);
