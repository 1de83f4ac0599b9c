namespace SparseGrid.Compression.Data;

/// <summary>A stream that is read once from start to end and closes what it unpacks.</summary>
/// <param name="unpacked">Where the bytes come from; disposed with this.</param>
internal abstract class ForwardStream(Stream unpacked) : Stream
{
    private long read;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <summary>Bytes read so far.</summary>
    public override long Position
    {
        get => read;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        var got = unpacked.Read(buffer, offset, count);
        read += got;
        Seen(buffer.AsSpan(offset, got), ended: got == 0 && count > 0);
        return got;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Told what each read gave; <paramref name="ended"/> where there was nothing left.</summary>
    protected abstract void Seen(ReadOnlySpan<byte> bytes, bool ended);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            unpacked.Dispose();
        base.Dispose(disposing);
    }
}
