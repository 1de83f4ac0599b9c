using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Grains.Slots;

/// <summary>
/// One physical device, shared by all silos of this machine, whatever grid they belong to: files that the operating system locks, and unlocks with the death of
/// a process. <c>place</c> is held by many, or by a measurement alone; <c>turn</c> by a measurement that waits or runs, so that nobody overtakes it.
/// On Windows there are no such locks, and silos measure beside each other.
/// </summary>
public sealed partial class MachineDevice : IDisposable
{
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int NoWait = 4;
    private const int Unlock = 8;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly SafeFileHandle? turn;
    private readonly SafeFileHandle? place;
    private readonly TimeSpan patience;
    private readonly TimeProvider clock;
    private readonly ILogger<MachineDevice> logger;
    private readonly Lock gate = new();
    private int held;

    /// <summary>The device of that name.</summary>
    /// <param name="folder">Where the lock files lie; the same for all silos of the machine.</param>
    /// <param name="device">cpu, or what tells one GPU from another.</param>
    /// <param name="patience">How long a measurement waits for other processes: one that is frozen would hold the device for ever.</param>
    /// <exception cref="IOException">The lock files cannot be opened.</exception>
    public MachineDevice(string folder, string device, TimeSpan patience, TimeProvider clock, ILogger<MachineDevice> logger)
    {
        (this.patience, this.clock, this.logger) = (patience, clock, logger);
        if (OperatingSystem.IsWindows())
            return;

        Directory.CreateDirectory(folder);
        (turn, place) = (Open(Path.Combine(folder, $"{device}.turn")), Open(Path.Combine(folder, $"{device}.place")));
    }

    /// <summary>True where a measurement of another process waits or runs.</summary>
    public bool MeasureWaits
    {
        get
        {
            if (turn is null)
                return false;
            if (!Try(turn, Shared))
                return true;

            _ = NativeMethods.Flock(turn, Unlock);
            return false;
        }
    }

    /// <summary>Enters as one of many; blocks while another process measures.</summary>
    /// <exception cref="OperationCanceledException">Stopped while waiting.</exception>
    public void Enter(CancellationToken stop)
    {
        lock (gate)
        {
            while (held == 0 && place is not null && (MeasureWaits || !Try(place, Shared)))
                Wait(stop);
            held++;
        }
    }

    /// <summary>Leaves what <see cref="Enter"/> entered.</summary>
    public void Leave()
    {
        lock (gate)
        {
            if (--held == 0 && place is not null)
                _ = NativeMethods.Flock(place, Unlock);
        }
    }

    /// <summary>Enters alone, nobody of this process being inside; blocks until all other processes have left or stepped aside, or patience is at its end.</summary>
    /// <exception cref="OperationCanceledException">Stopped while waiting.</exception>
    public void EnterAlone(CancellationToken stop)
    {
        if (turn is null || place is null)
            return;

        var began = clock.GetTimestamp();
        try
        {
            while (!Try(turn, Exclusive))
                Wait(stop);
            while (!Try(place, Exclusive))
            {
                if (clock.GetElapsedTime(began) > patience)
                {
                    LogInCompany(patience);
                    return;
                }

                Wait(stop);
            }
        }
        catch (OperationCanceledException)
        {
            LeaveAlone();
            throw;
        }
    }

    /// <summary>Leaves what <see cref="EnterAlone"/> entered.</summary>
    public void LeaveAlone()
    {
        if (turn is null || place is null)
            return;

        _ = NativeMethods.Flock(place, Unlock);
        _ = NativeMethods.Flock(turn, Unlock);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        turn?.Dispose();
        place?.Dispose();
    }

    private static void Wait(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        Thread.Sleep(Look);
    }

    private static bool Try(SafeFileHandle file, int how) => NativeMethods.Flock(file, how | NoWait) == 0;

    // Read-only is enough for a lock, and lets silos of other users open what this one has made. Not inherited: a child would keep the lock.
    private static SafeFileHandle Open(string path)
    {
        const int createOnLinux = 0x40 | 0x80000;
        const int createOnMac = 0x200 | 0x1000000;
        const int readableByAll = 0x1A4;
        var file = NativeMethods.Open(path, OperatingSystem.IsMacOS() ? createOnMac : createOnLinux, readableByAll);
        return file.IsInvalid
            ? throw new IOException(
                $"{path}: cannot be opened (error {Marshal.GetLastPInvokeError()}). Silos of this machine keep out of each other's measurements by it: "
                + "make the folder writable, or set Devices:LockFolder to another that all of them can use.")
            : file;
    }

    [LoggerMessage(LogLevel.Warning, "another process has kept the device for {Patience}; the measurement goes on beside it")]
    private partial void LogInCompany(TimeSpan patience);
}
