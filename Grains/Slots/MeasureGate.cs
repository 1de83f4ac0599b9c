namespace SparseGrid.Grains.Slots;

/// <summary>
/// Keeps a measurement alone on this silo's device: it waits until no stage runs here, and while it waits or runs no stage starts.
/// One gate a silo; a device that several silos share is not covered.
/// </summary>
public sealed class MeasureGate
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = new();
    private int shared;
    private int waiting;
    private bool alone;

    /// <summary>Enters as one of many; blocks the calling thread while a measurement waits or runs.</summary>
    /// <exception cref="OperationCanceledException">Stopped while waiting.</exception>
    public IDisposable Share(CancellationToken stop)
    {
        WaitUntil(() => !alone && waiting == 0, () => shared++, stop);
        return new Exit(() => shared--, this);
    }

    /// <summary>Enters alone; blocks the calling thread until all others have left.</summary>
    /// <exception cref="OperationCanceledException">Stopped while waiting.</exception>
    public IDisposable Alone(CancellationToken stop)
    {
        Change(() => waiting++);
        try
        {
            WaitUntil(() => !alone && shared == 0, () => alone = true, stop);
        }
        finally
        {
            Change(() => waiting--);
        }

        return new Exit(() => alone = false, this);
    }

    private void WaitUntil(Func<bool> free, Action enter, CancellationToken stop)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (free())
                {
                    enter();
                    return;
                }

                next = changed.Task;
            }

            next.Wait(stop);
        }
    }

    private void Change(Action change)
    {
        lock (gate)
        {
            change();
            changed.SetResult();
            changed = new();
        }
    }

    private sealed class Exit(Action leave, MeasureGate gate) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
                gate.Change(leave);
        }
    }
}
