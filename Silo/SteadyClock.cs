namespace SparseGrid.Silo;

/// <summary>Tells the time of day at its making plus the time elapsed since: it never jumps, however often the machine's clock is set.</summary>
/// <param name="clock">Read once for the time of day; its timestamps and timers are this clock's too.</param>
public sealed class SteadyClock(TimeProvider clock) : TimeProvider
{
    private readonly DateTimeOffset made = clock.GetUtcNow();
    private readonly long since = clock.GetTimestamp();

    /// <inheritdoc/>
    public override long TimestampFrequency => clock.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => made + clock.GetElapsedTime(since);

    /// <inheritdoc/>
    public override long GetTimestamp() => clock.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        clock.CreateTimer(callback, state, dueTime, period);
}
