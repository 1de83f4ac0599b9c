using System.Globalization;

namespace SparseGrid.Grains.Artifacts;

/// <summary>Writes a file so that a reader sees all of it or none, also after a power cut.</summary>
public static class AtomicFile
{
    /// <summary>Temporary file in the same folder, fsync, rename, fsync of the folder.</summary>
    /// <exception cref="IOException">The disk is full or read-only; the target is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content) => Write(path, [], content);

    /// <inheritdoc cref="Write(string, ReadOnlySpan{byte})"/>
    /// <param name="header">Comes before the content.</param>
    public static void Write(string path, ReadOnlySpan<byte> header, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(path)!;
        var temporary = $"{path}.{Guid.NewGuid():n}.tmp";
        try
        {
            Directory.CreateDirectory(folder);
            using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(file, header, 0);
                RandomAccess.Write(file, content, header.Length);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or ArgumentOutOfRangeException) // The second is .NET's word for a file that may not grow.
        {
            DeleteIfThere(temporary);

            // The system's own message names no file, or the temporary one.
            throw new IOException($"{path} cannot be written{Free(folder)}: {Reason(fault, temporary)} Make room on its disk, then give the same command again.", fault);
        }
        catch
        {
            DeleteIfThere(temporary);
            throw;
        }

        SyncFolder(folder);
    }

    // Where its folder could not be made, there is nothing to delete.
    private static void DeleteIfThere(string temporary)
    {
        if (File.Exists(temporary))
            File.Delete(temporary);
    }

    private static string Reason(Exception fault, string temporary) =>
        $"{fault.Message.Replace($" : '{temporary}'", "").Replace(" (Parameter 'value')", "").TrimEnd('.')}.";

    private static string Free(string folder)
    {
        try
        {
            return string.Create(CultureInfo.InvariantCulture, $", {new DriveInfo(folder).AvailableFreeSpace:N0} bytes are free there");
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";
        }
    }

    // The rename itself is only durable once the folder is; where a folder cannot be opened (Windows) the file system journals it.
    private static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;

        using var handle = NativeMethods.Open(folder, 0);
        if (!handle.IsInvalid)
            _ = NativeMethods.Fsync(handle);
    }
}
