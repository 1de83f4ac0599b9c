using System.Buffers.Binary;
using System.IO.Compression;

namespace SparseGrid.Compression.Data;

/// <summary>Files that may be gzipped.</summary>
public static class GzippedFile
{
    /// <summary>Source of the exceptions that say that gzip data are damaged; the runtime's own carry the same.</summary>
    public const string BrokenGzip = "System.IO.Compression";

    /// <summary>
    /// The content, unpacked where the file starts with gzip's magic number (RFC 1952, section 2.3.1). A file of several members, as parallel packers write
    /// them, is the content of all of them.
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

    private sealed class WholeGzipStream(FileStream file) : ForwardStream(new GZipStream(file, CompressionMode.Decompress))
    {
        private bool checkedLength;

        protected override void Seen(ReadOnlySpan<byte> bytes, bool ended)
        {
            if (!ended || checkedLength)
                return;

            checkedLength = true;
            CheckLength();
        }

        // The last four bytes state the unpacked length modulo 2^32 (RFC 1952, section 2.3.1): of all, or of the last of several members.
        private void CheckLength()
        {
            Span<byte> trailer = stackalloc byte[4];
            file.Position = Math.Max(0, file.Length - 4);
            var whole = file.ReadAtLeast(trailer, 4, throwOnEndOfStream: false) == 4
                && BinaryPrimitives.ReadUInt32LittleEndian(trailer) is var stated
                && (stated == (uint)Position || LastMembers(file).Any(from => UnpacksTo(from, stated)));
            if (!whole)
                throw new InvalidDataException($"the gzip data break off after {Position} unpacked bytes.") { Source = BrokenGzip };
        }

        // True where a whole member reaches from there to the end of the file.
        private bool UnpacksTo(long from, uint length)
        {
            try
            {
                file.Position = from;
                using var member = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
                var buffer = new byte[1 << 16];
                var count = 0L;
                for (var read = member.Read(buffer); read > 0; read = member.Read(buffer))
                    count += read;
                return (uint)count == length;
            }
            catch (InvalidDataException)
            {
                return false; // The bytes of a header, but within packed data.
            }
        }

        // Places where a member may start, the last ones first. A few will do: only chance puts a member's first bytes into packed data.
        private static List<long> LastMembers(FileStream file)
        {
            const int most = 16;
            const int window = 1 << 20;
            var places = new List<long>();
            var bytes = new byte[window + 2]; // Two more, so that a start across two windows is seen.
            for (var end = file.Length; end > 0 && places.Count < most; end -= window)
            {
                var start = Math.Max(0, end - window);
                file.Position = start;
                var read = file.ReadAtLeast(bytes.AsSpan(0, (int)Math.Min(bytes.Length, file.Length - start)), 3, throwOnEndOfStream: false);
                for (var i = Math.Min(read - 3, (int)(end - start) - 1); i >= 0 && places.Count < most; i--)
                {
                    if (bytes[i] == 0x1f && bytes[i + 1] == 0x8b && bytes[i + 2] == 8 && start + i > 0)
                        places.Add(start + i);
                }
            }

            return places;
        }
    }
}
