using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Slots;

/// <summary>
/// Watches one stage: where it makes no progress for too long, or takes longer than it may, it is told to stop, as by a user. One that does not heed that hangs in
/// native code, which nothing but the end of its process can free.
/// </summary>
internal sealed class StageWatch : IDisposable
{
    private readonly string what;
    private readonly GridOptions options;
    private readonly TimeProvider clock;
    private readonly Action<StageTimeoutException> hangs;
    private readonly CancellationTokenSource stop;
    private readonly Lock gate = new();
    private readonly ITimer timer;
    private readonly long began;
    private long progressed;
    private long? told;
    private int waits;
    private bool over;
    private StageTimeoutException? fault;

    /// <summary>Watches from now on.</summary>
    /// <param name="what">The stage, for a message.</param>
    /// <param name="hangs">Called once, off the stage's thread, where it did not stop when it was told to.</param>
    /// <param name="stopped">The run's own stop.</param>
    public StageWatch(string what, GridOptions options, TimeProvider clock, Action<StageTimeoutException> hangs, CancellationToken stopped)
    {
        (this.what, this.options, this.clock, this.hangs) = (what, options, clock, hangs);
        stop = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        began = progressed = clock.GetTimestamp();
        var period = TimeSpan.FromTicks(Math.Clamp(
            Math.Min(Math.Min(options.StageStall.Ticks, options.StageLimit.Ticks), options.StageGrace.Ticks) / 10, TimeSpan.TicksPerMillisecond * 10, TimeSpan.TicksPerSecond * 5));
        timer = clock.CreateTimer(_ => Look(), null, period, period);
    }

    /// <summary>Cancelled when the stage is to stop.</summary>
    public CancellationToken Stop => stop.Token;

    /// <summary>The stage has come a step further.</summary>
    public void Progressed() => Volatile.Write(ref progressed, clock.GetTimestamp());

    /// <summary>Waits for others, which is no standstill of its own.</summary>
    public void Wait(Action wait)
    {
        Interlocked.Increment(ref waits);
        try
        {
            wait();
        }
        finally
        {
            Progressed();
            Interlocked.Decrement(ref waits);
        }
    }

    /// <summary>Why the watch stopped the stage; null where it did not.</summary>
    public StageTimeoutException? Fault
    {
        get
        {
            lock (gate)
                return fault;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        timer.Dispose();
        lock (gate)
        {
            over = true;
            stop.Dispose();
        }
    }

    private void Look()
    {
        StageTimeoutException? hung = null;
        lock (gate)
        {
            if (over)
                return;

            if (fault is null)
                Judge();
            else if (told is { } since && clock.GetElapsedTime(since) >= options.StageGrace)
                (hung, told) = (new($"{fault.Message} It did not stop within {options.StageGrace} either, so its process ends."), null);
        }

        if (hung is not null)
            hangs(hung);
    }

    private void Judge()
    {
        var (still, taken) = (clock.GetElapsedTime(Volatile.Read(ref progressed)), clock.GetElapsedTime(began));
        fault = taken >= options.StageLimit
            ? new($"Stage {what} ran for {options.StageLimit} without ending, which is the most it may (Grid:StageLimit). Give it more, or its recipe less to do.")
            : still >= options.StageStall && Volatile.Read(ref waits) == 0
            ? new($"Stage {what} made no progress for {options.StageStall} (Grid:StageStall). Where one step takes longer than that, give it more.")
            : null;
        if (fault is null)
            return;

        told = clock.GetTimestamp();
        stop.Cancel();
    }
}
