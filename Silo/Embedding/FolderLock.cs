using System.Globalization;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Silo.Embedding;

/// <summary>
/// Keeps a grid's folder to one process, or to the silos of one cluster, which share it. The operating system holds the lock on <c>silo.lock</c> and drops
/// it with the process, however that ends, so a dead process's lock is free; <c>silo.pid</c> names the holder for the message.
/// </summary>
public sealed class FolderLock : IDisposable
{
    private const int ShareTries = 60;

    private readonly FileStream held;
    private readonly string? pidFile;

    private FolderLock(FileStream held, string? pidFile) => (this.held, this.pidFile) = (held, pidFile);

    /// <summary>Takes the folder, and clears it of what a killed process was writing.</summary>
    /// <exception cref="FolderInUseException">Another process has it; the message names its pid.</exception>
    public static FolderLock Take(string folder)
    {
        Directory.CreateDirectory(folder);
        var pidFile = Path.Combine(folder, "silo.pid");
        FileStream held;
        try
        {
            held = new(FileOf(folder), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException locked) when (IsLocked(locked))
        {
            throw new FolderInUseException(folder, Holder(pidFile), IsShared(folder), locked);
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

    /// <summary>Takes the folder together with the other silos of its cluster; the first of them clears it of what a killed process was writing.</summary>
    /// <exception cref="FolderInUseException">A process has it alone; the message names its pid.</exception>
    public static FolderLock Share(string folder)
    {
        try
        {
            Take(folder).Dispose();
        }
        catch (FolderInUseException)
        {
            // Another silo's, most likely: then it is not to be cleared, for its writes are under way.
        }

        for (var tries = 1; ; tries++)
        {
            try
            {
                return new(new(FileOf(folder), FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read), pidFile: null);
            }
            catch (IOException locked) when (IsLocked(locked))
            {
                // A silo that starts at the same time has it alone for a moment, to clear it.
                if (tries == ShareTries)
                    throw new FolderInUseException(folder, Holder(Path.Combine(folder, "silo.pid")), shared: false, locked);
                Thread.Sleep(50);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (pidFile is not null)
            File.Delete(pidFile);

        held.Dispose();
    }

    private static string FileOf(string folder) => Path.Combine(folder, "silo.lock");

    private static bool IsShared(string folder)
    {
        try
        {
            using (new FileStream(FileOf(folder), FileMode.Open, FileAccess.Read, FileShare.Read))
                return true;
        }
        catch (IOException)
        {
            return false;
        }
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
