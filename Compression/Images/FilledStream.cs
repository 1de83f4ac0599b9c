namespace SparseGrid.Compression.Images;

/// <summary>A file's bytes for a decoder that goes on reading at their end: on damaged files it would for ever.</summary>
/// <exception cref="EndOfStreamException">It reads past the end again and again.</exception>
internal sealed class FilledStream(byte[] bytes) : MemoryStream(bytes, writable: false)
{
    // Decoders look a few bytes ahead; whole files end well before that.
    private const int MostReads = 4096;
    private int past;

    /// <inheritdoc/>
    public override int ReadByte()
    {
        Count(Position >= Length);
        return base.ReadByte();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        Count(Position >= Length && count > 0);
        return base.Read(buffer, offset, count);
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        Count(Position >= Length && buffer.Length > 0);
        return base.Read(buffer);
    }

    private void Count(bool atEnd)
    {
        if (atEnd && ++past > MostReads)
            throw new EndOfStreamException("the file ends before the picture does.");
    }
}
