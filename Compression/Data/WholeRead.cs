namespace SparseGrid.Compression.Data;

/// <summary>Reading as many bytes as a header states, however far the statement is from the truth.</summary>
internal static class WholeRead
{
    private const int FirstPiece = 1 << 20;

    /// <summary>Fills the span; the number of bytes that there were.</summary>
    public static int AtMost(Stream content, Span<byte> into) => content.ReadAtLeast(into, into.Length, throwOnEndOfStream: false);

    /// <summary>
    /// Reads so many bytes, or fewer where the content ends before. Memory grows with what has really been read: at most twice that, and 1 MiB.
    /// </summary>
    public static byte[] Of(Stream content, int count)
    {
        var bytes = new byte[Math.Min(count, FirstPiece)];
        var read = AtMost(content, bytes);
        while (read == bytes.Length && read < count)
        {
            Array.Resize(ref bytes, (int)Math.Min(count, 2L * bytes.Length));
            read += AtMost(content, bytes.AsSpan(read));
        }

        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>True where nothing is left.</summary>
    public static bool Ended(Stream content) => content.ReadByte() < 0;
}
