using System.IO.Compression;

namespace SparseGrid.Compression.Data;

/// <summary>Files that may be gzipped.</summary>
public static class GzippedFile
{
    /// <summary>The content, unpacked where the file starts with gzip's magic number (RFC 1952, section 2.3.1).</summary>
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

    private sealed class WholeGzipStream(FileStream file) : GZipStream(file, CompressionMode.Decompress)
    {
        private long unpacked;
        private bool ended;

        public override int Read(Span<byte> buffer) => Checked(base.Read(buffer), buffer.Length);

        public override int Read(byte[] buffer, int offset, int count) => Checked(base.Read(buffer, offset, count), count);

        private int Checked(int read, int asked)
        {
            unpacked += read;
            if (read == 0 && asked > 0 && !ended)
            {
                ended = true;
                Span<byte> trailer = stackalloc byte[4];
                file.Position = Math.Max(0, file.Length - 4);
                var stated = file.ReadAtLeast(trailer, 4, throwOnEndOfStream: false) == 4
                    ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(trailer)
                    : uint.MaxValue;
                if (stated != (uint)unpacked)
                    throw new InvalidDataException($"{unpacked} bytes were unpacked where {stated} are stated.") { Source = "System.IO.Compression" };
            }

            return read;
        }
    }
}
