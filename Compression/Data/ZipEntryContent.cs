using System.IO.Compression;

namespace SparseGrid.Compression.Data;

/// <summary>What an entry of a zip file unpacks to, with the sum that its directory states checked at the end; the runtime does not.</summary>
internal sealed class ZipEntryContent(ZipArchiveEntry entry) : Stream
{
    private readonly Stream unpacked = entry.Open();
    private uint sum;
    private long length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => length;
        set => throw new NotSupportedException();
    }

    /// <summary>True where nothing is left and the bytes are those that were packed.</summary>
    public bool EndsWhole() => WholeRead.Ended(this) && length == entry.Length && sum == entry.Crc32;

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = unpacked.Read(buffer, offset, count);
        sum = Crc32.Append(sum, buffer.AsSpan(offset, read));
        length += read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            unpacked.Dispose();
        base.Dispose(disposing);
    }
}
