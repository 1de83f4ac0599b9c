using System.Security.Cryptography;

namespace SparseGrid.Grains.Artifacts;

/// <summary>
/// Artifacts as files of one folder: <c>artifacts/ab/abcdef…</c>, named by the SHA-256 of their bytes. Whoever relies on one marks it as used now, so that a garbage collection that runs
/// beside it leaves it alone; one that was put aside already is taken back.
/// </summary>
/// <param name="root">The grid's folder; made when the first artifact is stored.</param>
public sealed class FolderArtifactStore(string root) : IArtifactStore
{
    /// <summary>Where a garbage collection puts artifacts aside before it deletes them.</summary>
    internal const string Trash = "aside";

    /// <inheritdoc/>
    public string Put(ReadOnlySpan<byte> bytes)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var path = Locate(hash);
        if (!Same(path, bytes) || !Use(path))
            AtomicFile.Write(path, [], bytes);

        return hash;
    }

    /// <inheritdoc/>
    public bool Exists(string hash) => File.Exists(Locate(hash)) || TakeBack(Locate(hash), AsideOf(Locate(hash)));

    /// <inheritdoc/>
    public bool Holds(string hash)
    {
        var path = Locate(hash);
        while (!Use(path))
        {
            if (!TakeBack(path, AsideOf(path)))
                return false;
        }

        try
        {
            using var file = Open(hash);
            return Convert.ToHexStringLower(SHA256.HashData(file)) == hash;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Puts an artifact aside, where <see cref="Holds"/> and the like still find it.</summary>
    /// <returns>Where it lies now; null where it was gone already.</returns>
    internal static string? PutAside(string path)
    {
        var aside = AsideOf(path);
        Directory.CreateDirectory(Path.GetDirectoryName(aside)!);
        try
        {
            File.Move(path, aside, overwrite: true);
            return aside;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Takes back what was put aside.</summary>
    /// <returns>False where there is nothing; what was written anew meanwhile stays.</returns>
    internal static bool TakeBack(string path, string aside)
    {
        try
        {
            File.Move(aside, path, overwrite: false);
            return true;
        }
        catch (FileNotFoundException)
        {
            // Another took it back, and perhaps it was put aside again.
            return File.Exists(path) || File.Exists(aside);
        }
        catch (DirectoryNotFoundException)
        {
            return File.Exists(path);
        }
        catch (IOException) when (File.Exists(path))
        {
            return true;
        }
    }

    /// <summary>Takes back all that a garbage collection that was killed has put aside.</summary>
    internal static void TakeAllBack(string root)
    {
        var folder = Path.Combine(root, "artifacts", Trash);
        if (!Directory.Exists(folder))
            return;

        foreach (var aside in Directory.EnumerateFiles(folder))
        {
            if (IsHash(Path.GetFileName(aside)))
                TakeBack(Path.Combine(root, "artifacts", Path.GetFileName(aside)[..2], Path.GetFileName(aside)), aside);
        }
    }

    /// <inheritdoc/>
    public byte[] Get(string hash)
    {
        var path = Locate(hash);
        var bytes = Read(hash);
        var found = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return found == hash
            ? bytes
            : throw new InvalidDataException(
                $"Artifact {path} is damaged: its {bytes.Length} bytes have SHA-256 {found}, and it is named by that of its bytes. "
                + "Give the same command again: it makes the file anew.");
    }

    /// <inheritdoc/>
    public long SizeOf(string hash)
    {
        using var file = Open(hash);
        return file.Length;
    }

    /// <inheritdoc/>
    public void CheckRoom()
    {
        var trial = Path.Combine(root, "artifacts", $"room.{Environment.ProcessId}.tmp");
        AtomicFile.Write(trial, new byte[1 << 20]);
        File.Delete(trial);
    }

    /// <inheritdoc/>
    public string Locate(string hash) => IsHash(hash)
        ? Path.Combine(root, "artifacts", hash[..2], hash)
        : throw new ArgumentException($"'{hash}' is no artifact: an artifact is named by 64 lower-case hex digits.", nameof(hash));

    private byte[] Read(string hash)
    {
        using var file = Open(hash);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    // Once it is open it may be put aside. Between a look and the opening it may be too, once for each collection that runs: so it is tried, not looked for.
    private FileStream Open(string hash)
    {
        var path = Locate(hash);
        do
        {
            try
            {
                return File.OpenRead(path);
            }
            catch (Exception aside) when (aside is FileNotFoundException or DirectoryNotFoundException)
            {
            }
        }
        while (TakeBack(path, AsideOf(path)));

        throw new InvalidDataException($"Artifact {path} is missing, though a finished stage made it. Give the same command again: it makes the file anew.");
    }

    // A damaged file of the right name is written anew: whoever made the bytes again has the cure at hand.
    private static bool Same(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return File.Exists(path) && new FileInfo(path).Length == bytes.Length && bytes.SequenceEqual(File.ReadAllBytes(path));
        }
        catch (FileNotFoundException)
        {
            return false; // Put aside after the first look.
        }
    }

    private static string AsideOf(string path) => Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(path))!, Trash, Path.GetFileName(path));

    // False where there is none. One that may not be marked (a read-only folder) is used all the same: nothing can be deleted there either.
    private static bool Use(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            return true;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return File.Exists(path);
        }
    }

    private static bool IsHash(string hash) => hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower);
}
