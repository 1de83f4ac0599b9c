namespace SparseGrid.Compression.Training;

/// <summary>How a training ended.</summary>
/// <param name="ValidationTop1">Of the final weights in the training framework, 0 to 1.</param>
/// <param name="TrainLoss">Mean loss over the last epoch, nats per image.</param>
/// <param name="DivergedInEpoch">
/// Epoch, counted from 1, whose loss, or the weights or running statistics after it, were not finite; the weights are then those from the start.
/// Null for a training that went well.
/// </param>
public sealed record TrainingOutcome(double ValidationTop1, double TrainLoss, int? DivergedInEpoch);
