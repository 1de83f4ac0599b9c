namespace SparseGrid.Compression.Training;

/// <summary>Follows a <see cref="CheckpointRule"/> through one run: says when a checkpoint is due, and measures what each one costs.</summary>
public sealed class CheckpointPace
{
    private readonly CheckpointRule rule;
    private long step;
    private long time;
    private TimeSpan wait;

    internal CheckpointPace(CheckpointRule rule, long step) => (this.rule, this.step, time) = (rule, step, rule.Clock.GetTimestamp());

    /// <summary>Writes a checkpoint where one is due.</summary>
    /// <param name="now">Steps done.</param>
    /// <param name="save">Makes and keeps the checkpoint; all of it counts as cost, and a failure is its own to handle.</param>
    public void Offer(long now, Action save)
    {
        var since = rule.Clock.GetElapsedTime(time);
        if ((now - step < rule.Steps && since < rule.Interval) || since < wait)
            return;

        var begun = rule.Clock.GetTimestamp();
        save();
        (step, time) = (now, rule.Clock.GetTimestamp());
        wait = rule.Clock.GetElapsedTime(begun, time) * (1 / rule.CostShare - 1);
    }
}
