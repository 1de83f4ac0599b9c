namespace SparseGrid.Grains.Slots;

/// <summary>
/// Keeps a measurement alone on this silo's device: while it waits or runs no stage starts, and those that run step aside between two of their steps, so that neither waits for a
/// training to end. One gate a silo; a device that several silos share is not covered.
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
    public SharedPlace Share(CancellationToken stop)
    {
        WaitUntil(() => !alone && waiting == 0, () => shared++, stop);
        return new(this);
    }

    /// <summary>Enters alone; blocks the calling thread until all others have left or stepped aside.</summary>
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

    /// <summary>A place among many on the device; used by the thread that took it.</summary>
    public sealed class SharedPlace : IDisposable
    {
        private readonly MeasureGate gate;
        private bool taken = true;

        internal SharedPlace(MeasureGate gate) => this.gate = gate;

        /// <summary>Lets measurements that wait go first: gives the place up and blocks until they are over. Returns at once where none waits.</summary>
        /// <param name="stop">When cancelled, returns without the place, so that the caller can write its checkpoint and end.</param>
        public void StepAside(CancellationToken stop)
        {
            if (!taken || Volatile.Read(ref gate.waiting) == 0)
                return;

            Dispose();
            try
            {
                gate.WaitUntil(() => !gate.alone && gate.waiting == 0, () => gate.shared++, stop);
                taken = true;
            }
            catch (OperationCanceledException)
            {
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (taken)
                gate.Change(() => gate.shared--);
            taken = false;
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
