using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace SparseGrid.Grains.Artifacts;

/// <summary>Checkpoints as files: <c>checkpoints/KEY/STEP.ckpt</c>. A header of 48 bytes (magic, length, SHA-256) tells a whole one from a torn one.</summary>
/// <param name="root">The grid's folder.</param>
public sealed class FolderCheckpointStore(string root) : ICheckpointStore
{
    private const int Kept = 2;
    private const int HeaderLength = 8 + sizeof(long) + SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Magic => "SGCKPT01"u8;

    /// <inheritdoc/>
    public void Save(string stageKey, long step, ReadOnlySpan<byte> checkpoint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);

        var header = new byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(Magic.Length), checkpoint.Length);
        SHA256.HashData(checkpoint, header.AsSpan(Magic.Length + sizeof(long)));
        AtomicFile.Write(Path.Combine(FolderOf(stageKey), $"{step:d19}.ckpt"), header, checkpoint.ToArray());

        foreach (var old in Newest(stageKey).Skip(Kept))
            File.Delete(old);
    }

    /// <inheritdoc/>
    public byte[]? Latest(string stageKey) => Newest(stageKey).Select(Read).FirstOrDefault(checkpoint => checkpoint is not null);

    /// <inheritdoc/>
    public void Delete(string stageKey)
    {
        var folder = FolderOf(stageKey);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static byte[]? Read(string path)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        if (bytes.Length < HeaderLength || !bytes.StartsWith(Magic))
            return null;

        var content = bytes[HeaderLength..];
        var length = BinaryPrimitives.ReadInt64LittleEndian(bytes[Magic.Length..]);
        var digest = bytes[(Magic.Length + sizeof(long))..HeaderLength];
        return content.Length == length && digest.SequenceEqual(SHA256.HashData(content)) ? content.ToArray() : null;
    }

    private IEnumerable<string> Newest(string stageKey)
    {
        var folder = FolderOf(stageKey);
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.ckpt").OrderByDescending(path => long.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture))
            : [];
    }

    private string FolderOf(string stageKey) => stageKey.Length > 0 && stageKey.All(char.IsAsciiLetterOrDigit)
        ? Path.Combine(root, "checkpoints", stageKey)
        : throw new ArgumentException($"'{stageKey}' is no stage key: a stage key is 64 hex digits.", nameof(stageKey));
}
