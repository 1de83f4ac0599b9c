using System.IO.Compression;

namespace SparseGrid.Compression.Data;

/// <summary>What an entry of a zip file unpacks to, with the sum that its directory states checked at the end; the runtime does not.</summary>
internal sealed class ZipEntryContent(ZipArchiveEntry entry) : ForwardStream(entry.Open())
{
    private uint sum;

    /// <summary>True where nothing is left and the bytes are those that were packed.</summary>
    public bool EndsWhole() => WholeRead.Ended(this) && Position == entry.Length && sum == entry.Crc32;

    /// <inheritdoc/>
    protected override void Seen(ReadOnlySpan<byte> bytes, bool ended) => sum = Crc32.Append(sum, bytes);
}
