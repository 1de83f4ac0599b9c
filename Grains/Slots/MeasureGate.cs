namespace SparseGrid.Grains.Slots;

/// <summary>
/// Keeps a measurement alone on this silo's device: while it waits or runs no stage starts, and those that run step aside between two of their steps, so that neither waits for a
/// training to end. One gate a silo; the silos of a machine keep clear of each other by <see cref="MachineDevice"/>.
/// </summary>
/// <param name="machine">The device as other processes see it; null where there are none.</param>
public sealed class MeasureGate(MachineDevice? machine = null)
{
    private readonly MachineDevice? machine = machine;
    private readonly Lock gate = new();
    private TaskCompletionSource changed = new();
    private int shared;
    private int waiting;
    private bool alone;

    /// <summary>Enters as one of many; blocks the calling thread while a measurement waits or runs.</summary>
    /// <exception cref="OperationCanceledException">Stopped while waiting.</exception>
    public SharedPlace Share(CancellationToken stop)
    {
        Enter(stop);
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

        var exit = new Exit(() => alone = false, this);
        try
        {
            machine?.EnterAlone(stop);
            return exit;
        }
        catch (OperationCanceledException)
        {
            exit.Free();
            throw;
        }
    }

    private void Enter(CancellationToken stop)
    {
        WaitUntil(() => !alone && waiting == 0, () => shared++, stop);
        try
        {
            machine?.Enter(stop);
        }
        catch (OperationCanceledException)
        {
            Change(() => shared--);
            throw;
        }
    }

    private void Leave()
    {
        machine?.Leave();
        Change(() => shared--);
    }

    private bool MeasureWaits => Volatile.Read(ref waiting) > 0 || machine is { MeasureWaits: true };

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
            if (!taken || !gate.MeasureWaits)
                return;

            Dispose();
            try
            {
                gate.Enter(stop);
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
                gate.Leave();
            taken = false;
        }
    }

    private sealed class Exit(Action leave, MeasureGate gate) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) != 0)
                return;

            gate.machine?.LeaveAlone();
            gate.Change(leave);
        }

        /// <summary>Leaves this silo's gate where the machine's was never entered.</summary>
        public void Free()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
                gate.Change(leave);
        }
    }
}
