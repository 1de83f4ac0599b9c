using System.Globalization;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Silo.Embedding;

/// <summary>
/// Keeps a grid's folder to one process. The operating system holds the lock on <c>silo.lock</c> and drops it with the process, however that ends,
/// so a dead process's lock is free; <c>silo.pid</c> names the holder for the message.
/// </summary>
public sealed class FolderLock : IDisposable
{
    private readonly FileStream held;
    private readonly string pidFile;

    private FolderLock(FileStream held, string pidFile) => (this.held, this.pidFile) = (held, pidFile);

    /// <summary>Takes the folder, and clears it of what a killed process was writing.</summary>
    /// <exception cref="FolderInUseException">Another process has it; the message names its pid.</exception>
    public static FolderLock Take(string folder)
    {
        Directory.CreateDirectory(folder);
        var pidFile = Path.Combine(folder, "silo.pid");
        FileStream held;
        try
        {
            held = new(Path.Combine(folder, "silo.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException locked) when (IsLocked(locked))
        {
            throw new FolderInUseException(folder, Holder(pidFile), locked);
        }

        try
        {
            File.WriteAllText(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            InterruptedWrites.Remove(folder);
            return new(held, pidFile);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Delete(pidFile);
        held.Dispose();
    }

    // What the system answers where another process has the lock: EWOULDBLOCK of Linux and of macOS, a sharing violation of Windows.
    private static bool IsLocked(IOException fault) => (uint)fault.HResult is 11 or 35 or 0x80070020;

    private static int? Holder(string pidFile)
    {
        try
        {
            return int.TryParse(File.ReadAllText(pidFile), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
