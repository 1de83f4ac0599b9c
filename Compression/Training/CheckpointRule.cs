namespace SparseGrid.Compression.Training;

/// <summary>How often something that lasts writes checkpoints; no value here changes a result.</summary>
/// <param name="Steps">A checkpoint is due after so many steps,</param>
/// <param name="Interval">or after so long, whichever comes first,</param>
/// <param name="CostShare">but not before checkpoints take less than this share of the time, 0 to 1: at 0.02 the next one waits 49 times as long as the last one
/// took. 1 never waits.</param>
/// <param name="Clock">Tells the time.</param>
public sealed record CheckpointRule(long Steps, TimeSpan Interval, double CostShare, TimeProvider Clock)
{
    /// <summary>The rule at work, from a step on that needs no checkpoint.</summary>
    public CheckpointPace From(long step) => new(this, step);
}
