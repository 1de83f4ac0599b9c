using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace SparseGrid.Compression.Data;

/// <summary>Digest of a data set: a Merkle root over relative paths and content hashes, gzipped files by what they unpack to.</summary>
public static class DataDigest
{
    private static readonly ConcurrentDictionary<(string Path, long Length, DateTime Written), string> Cache = new();

    /// <summary>The digest of a file, or of all files under a folder; 64 lower-case hex digits.</summary>
    /// <exception cref="InvalidDataException">There is nothing at that path, or it cannot be read.</exception>
    public static string Of(string path)
    {
        try
        {
            if (File.Exists(path))
                return Root([(string.Empty, path)]);
            if (Directory.Exists(path))
                return Root(Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Select(file => (Path.GetRelativePath(path, file).Replace('\\', '/'), file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new InvalidDataException($"{path}: the data cannot be read to the end: {e.Message} Get the file again or correct its permissions.", e);
        }

        throw new InvalidDataException($"{path}: the data file does not exist. Correct data.path in the spec, or put the file there.");
    }

    private static string Root(IEnumerable<(string Name, string File)> files)
    {
        using var root = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, file) in files.OrderBy(entry => entry.Name, StringComparer.Ordinal))
            root.AppendData(Encoding.UTF8.GetBytes($"{name}\0{ContentHash(file)}\n"));
        return Convert.ToHexStringLower(root.GetHashAndReset());
    }

    // Hashing a large set takes minutes and it seldom changes, so a file of the same size and time is taken to be the same.
    private static string ContentHash(string path)
    {
        var file = new FileInfo(path);
        return Cache.GetOrAdd((file.FullName, file.Length, file.LastWriteTimeUtc), _ =>
        {
            using var stream = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(GzippedFile.Plain(stream)));
        });
    }
}
