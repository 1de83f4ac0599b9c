using SparseGrid.Contracts.Grains;

namespace SparseGrid.Grains.Slots;

/// <summary>What a failed run means for its silo: a device that failed ends the process, a disk without room closes the slots until there is some.</summary>
public sealed partial class SlotHost
{
    // On the failed run's thread, before its variant hears of the failure: the next attempt finds this silo's slots closed.
    private bool React(RunFailure failure)
    {
        // Whatever fails in a poisoned process may be that process's doing.
        if (device.Fault is not null)
            return false;

        if (failure.Class == FailureClass.Device || failure.Hangs)
            Poisoned(failure);
        else if (failure.Class == FailureClass.Storage)
            LookForRoom();
        return true;
    }

    // A CUDA context does not come back after an error, and a thread in native code cannot be ended: only a new process computes again.
    private void Poisoned(RunFailure failure)
    {
        LogPoisoned(silo.Name, failure.Message, DeviceFault.ExitCode);
        device.Report(failure.Message);
        Drain();
        lifetime.StopApplication();
    }

    private void LookForRoom()
    {
        var found = Trouble();
        lock (gate)
        {
            var before = closed;
            closed = found;
            if (before is null == found is null)
                return;

            if (found is null)
                LogOpened(silo.Name);
            else
                LogClosed(silo.Name, found);
            if (!disposed)
                changed.Release();
        }
    }

    private string? Trouble()
    {
        try
        {
            services.Artifacts.CheckRoom();
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.Message;
        }
    }
}
