namespace SparseGrid.Grains.Stages;

/// <summary>A stage that made no progress for too long, or took longer than it may.</summary>
/// <param name="message">For the user: stage, time, setting.</param>
public sealed class StageTimeoutException(string message) : Exception(message);
