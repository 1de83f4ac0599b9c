using System.Buffers.Binary;
using System.IO.Compression;

namespace SparseGrid.Compression.Data;

/// <summary>Files that may be gzipped.</summary>
public static class GzippedFile
{
    /// <summary>Source of the exceptions that say that gzip data are damaged; the runtime's own carry the same.</summary>
    public const string BrokenGzip = "System.IO.Compression";

    /// <summary>
    /// The content, unpacked where the file starts with gzip's magic number (RFC 1952, section 2.3.1). Files of one member only: of several, the length
    /// stated at the end is that of the last, and the file is refused as cut off; unpack such a file, or pack it anew.
    /// </summary>
    /// <param name="file">A stream that can seek, at its start.</param>
    public static Stream Plain(FileStream file)
    {
        Span<byte> magic = stackalloc byte[2];
        var read = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        file.Position = 0;
        if (read < 2 || magic[0] != 0x1f || magic[1] != 0x8b)
            return file;

        // A gzip stream that is cut off ends like a whole one in GZipStream: compare with the length that the trailer states.
        return new WholeGzipStream(file);
    }

    private sealed class WholeGzipStream(FileStream file) : Stream
    {
        private readonly GZipStream gzip = new(file, CompressionMode.Decompress);
        private long unpacked;
        private bool ended;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => unpacked;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = gzip.Read(buffer, offset, count);
            unpacked += read;
            if (read == 0 && count > 0 && !ended)
            {
                ended = true;
                CheckLength();
            }

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
                gzip.Dispose();
            base.Dispose(disposing);
        }

        // The last four bytes state the unpacked length modulo 2^32 (RFC 1952, section 2.3.1).
        private void CheckLength()
        {
            Span<byte> trailer = stackalloc byte[4];
            file.Position = Math.Max(0, file.Length - 4);
            var whole = file.ReadAtLeast(trailer, 4, throwOnEndOfStream: false) == 4
                && BinaryPrimitives.ReadUInt32LittleEndian(trailer) == (uint)unpacked;
            if (!whole)
                throw new InvalidDataException($"the gzip data break off after {unpacked} unpacked bytes.") { Source = BrokenGzip };
        }
    }
}
