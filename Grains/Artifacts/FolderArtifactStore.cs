using System.Security.Cryptography;

namespace SparseGrid.Grains.Artifacts;

/// <summary>Artifacts as files of one folder: <c>artifacts/ab/abcdef…</c>, named by the SHA-256 of their bytes.</summary>
/// <param name="root">The grid's folder; made when the first artifact is stored.</param>
public sealed class FolderArtifactStore(string root) : IArtifactStore
{
    /// <inheritdoc/>
    public string Put(ReadOnlySpan<byte> bytes)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var path = Locate(hash);
        if (!Same(path, bytes))
            AtomicFile.Write(path, [], bytes);

        return hash;
    }

    /// <inheritdoc/>
    public bool Exists(string hash) => File.Exists(Locate(hash));

    /// <inheritdoc/>
    public bool Holds(string hash)
    {
        try
        {
            using var file = File.OpenRead(Locate(hash));
            return Convert.ToHexStringLower(SHA256.HashData(file)) == hash;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public byte[] Get(string hash)
    {
        var path = Existing(hash);
        var bytes = File.ReadAllBytes(path);
        var found = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return found == hash
            ? bytes
            : throw new InvalidDataException(
                $"Artifact {path} is damaged: its {bytes.Length} bytes have SHA-256 {found}, and it is named by that of its bytes. "
                + "Give the same command again: it makes the file anew.");
    }

    /// <inheritdoc/>
    public long SizeOf(string hash) => new FileInfo(Existing(hash)).Length;

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

    private string Existing(string hash)
    {
        var path = Locate(hash);
        return File.Exists(path)
            ? path
            : throw new InvalidDataException(
                $"Artifact {path} is missing, though a finished stage made it. "
                + "Give the same command again: it makes the file anew.");
    }

    // A damaged file of the right name is written anew: whoever made the bytes again has the cure at hand.
    private static bool Same(string path, ReadOnlySpan<byte> bytes) =>
        File.Exists(path) && new FileInfo(path).Length == bytes.Length && bytes.SequenceEqual(File.ReadAllBytes(path));

    private static bool IsHash(string hash) => hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower);
}
