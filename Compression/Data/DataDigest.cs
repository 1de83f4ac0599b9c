using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace SparseGrid.Compression.Data;

/// <summary>Digest of a data set: a Merkle root over the names and content hashes of its files, gzipped ones by what they unpack to.</summary>
public static class DataDigest
{
    private static readonly ConcurrentDictionary<(string Path, long Length, DateTime Written), string> Cache = new();

    /// <summary>The digest of a set of files; 64 lower-case hex digits.</summary>
    /// <exception cref="InvalidDataException">A file is missing or cannot be read.</exception>
    public static string Of(IEnumerable<DataFile> files)
    {
        using var root = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files.OrderBy(file => file.Name, StringComparer.Ordinal))
            root.AppendData(Encoding.UTF8.GetBytes($"{file.Name}\0{ContentHash(file)}\n"));
        return Convert.ToHexStringLower(root.GetHashAndReset());
    }

    // Hashing a large set takes minutes and it seldom changes, so a file of the same size and time is taken to be the same.
    private static string ContentHash(DataFile file)
    {
        var now = new FileInfo(file.Path);
        if (!now.Exists)
            throw new InvalidDataException($"{file.Path}: the data file does not exist. Correct data.path in the spec, or put the file there.");

        return Cache.GetOrAdd((now.FullName, now.Length, now.LastWriteTimeUtc), _ => file.Read(content => Convert.ToHexStringLower(SHA256.HashData(content))));
    }
}
