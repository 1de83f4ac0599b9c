using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;

namespace SparseGrid.Grains.Artifacts;

/// <summary>Checkpoints as files: <c>checkpoints/KEY/STEP.ckpt</c>. A header of 48 bytes (magic, length, SHA-256) tells a whole one from a torn one.</summary>
/// <param name="root">The grid's folder.</param>
/// <param name="log">Told of checkpoints that are passed over; null for nobody.</param>
public sealed partial class FolderCheckpointStore(string root, ILogger<FolderCheckpointStore>? log = null) : ICheckpointStore
{
    private const int Kept = 2;
    private const string Extension = ".ckpt";
    private const int HeaderLength = 8 + sizeof(long) + SHA256.HashSizeInBytes;

    private readonly ILogger logger = log ?? NullLogger<FolderCheckpointStore>.Instance;

    private static ReadOnlySpan<byte> Magic => "SGCKPT01"u8;

    /// <inheritdoc/>
    public void Save(string stageKey, long step, ReadOnlySpan<byte> checkpoint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);

        var header = new byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(Magic.Length), checkpoint.Length);
        SHA256.HashData(checkpoint, header.AsSpan(Magic.Length + sizeof(long)));
        AtomicFile.Write(Path.Combine(FolderOf(stageKey), $"{step:d19}{Extension}"), header, checkpoint);

        // Steps grow, so one of a later step was damaged and passed over: it must not take the place of a whole one.
        var files = Newest(stageKey).ToArray();
        foreach (var useless in files.Where(file => StepOf(file) > step).Concat(files.Where(file => StepOf(file) <= step).Skip(Kept)))
            File.Delete(useless);
    }

    /// <inheritdoc/>
    public byte[]? Latest(string stageKey) => Newest(stageKey).Select(Read).FirstOrDefault(checkpoint => checkpoint is not null);

    /// <inheritdoc/>
    public void Delete(string stageKey)
    {
        var folder = FolderOf(stageKey);
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            LogNotDeleted(folder, kept.Message);
        }
    }

    private byte[]? Read(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            var fault = FaultOf(bytes);
            if (fault is null)
                return bytes[HeaderLength..];

            LogPassedOver(path, fault);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            LogPassedOver(path, unreadable.Message);
        }

        return null;
    }

    private static string? FaultOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength || !bytes.StartsWith(Magic))
            return $"its {bytes.Length} bytes do not begin with the {HeaderLength} of a checkpoint's header";

        var content = bytes[HeaderLength..];
        var length = BinaryPrimitives.ReadInt64LittleEndian(bytes[Magic.Length..]);
        if (content.Length != length)
            return $"it holds {content.Length} bytes, and its header says {length}";

        return bytes[(Magic.Length + sizeof(long))..HeaderLength].SequenceEqual(SHA256.HashData(content))
            ? null
            : $"its {length} bytes do not have the SHA-256 that its header says";
    }

    private IEnumerable<string> Newest(string stageKey)
    {
        var folder = FolderOf(stageKey);
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*" + Extension).OrderByDescending(StepOf).ThenBy(path => path, StringComparer.Ordinal)
            : [];
    }

    // A file of another name is no checkpoint of ours; as the oldest it is passed over when read, and goes when two newer ones are there.
    private static long StepOf(string path) =>
        long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1;

    private string FolderOf(string stageKey) => stageKey.Length > 0 && stageKey.All(char.IsAsciiLetterOrDigit)
        ? Path.Combine(root, "checkpoints", stageKey)
        : throw new ArgumentException($"'{stageKey}' is no stage key: a stage key is 64 hex digits.", nameof(stageKey));
}
