using System.Security.Cryptography;
using System.Text;

namespace SparseGrid.Compression.CudaInt8.Compilation;

/// <summary>Files that spare a second build its work: machine code and tile choices, each named by a hash of everything that it depends on.</summary>
/// <param name="folder">Where they lie; made when the first is written.</param>
/// <remarks>
/// A file appears whole or not at all, so several programs may share the folder, and ends with a SHA-256 of what is before: a driver that is given damaged machine code reads on behind its end. A file that
/// cannot be read or written, or is damaged, costs time, nothing else.
/// </remarks>
public sealed class EngineCache(string folder)
{
    /// <summary>The user's cache: $XDG_CACHE_HOME/sparsegrid/cuda-int8, or ~/.cache/sparsegrid/cuda-int8.</summary>
    public static EngineCache Default { get; } = new(Path.Combine(UserFolder(), "sparsegrid", "cuda-int8"));

    /// <summary>The content of that name; null where there is none, or one that is damaged.</summary>
    internal byte[]? Read(string name)
    {
        try
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
                return null;
            var stored = File.ReadAllBytes(path);
            var length = stored.Length - SHA256.HashSizeInBytes;
            return length >= 0 && SHA256.HashData(stored.AsSpan(0, length)).AsSpan().SequenceEqual(stored.AsSpan(length)) ? stored[..length] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes a file in one move.</summary>
    internal void Write(string name, ReadOnlySpan<byte> content)
    {
        var partial = Path.Combine(folder, $"{name}.{Environment.ProcessId}.{Guid.NewGuid():N}.partial");
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(partial, [.. content, .. SHA256.HashData(content)]);
            File.Move(partial, Path.Combine(folder, name), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk or a read-only home: the next build works as long as this one did.
            Delete(partial);
        }
    }

    /// <summary>A name for what depends on all of these texts.</summary>
    internal static string NameOf(string extension, params ReadOnlySpan<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return $"{Convert.ToHexStringLower(hash.GetHashAndReset())[..40]}.{extension}";
    }

    private static void Delete(string partial)
    {
        try
        {
            File.Delete(partial);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It was never there, or its folder takes no changes.
        }
    }

    private static string UserFolder()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (!string.IsNullOrEmpty(cache))
            return cache;
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return string.IsNullOrEmpty(home) ? Path.GetTempPath() : Path.Combine(home, ".cache");
    }
}
