using System.Buffers.Binary;
using System.IO.Compression;

namespace SparseGrid.Console.Reports.Html;

/// <summary>Small pictures as PNG (W3C, "Portable Network Graphics", third edition): 8 bits a channel, grey or RGB.</summary>
internal static class PngImage
{
    // The CRC of every byte, as the standard's annex D computes it.
    private static readonly uint[] Table =
        [.. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1))];

    /// <summary>The file's bytes. Three channels are red, green and blue; of any other number the first is shown, in grey.</summary>
    /// <param name="pixels">[C, H, W] row-major.</param>
    public static byte[] Write(ReadOnlySpan<byte> pixels, int channels, int height, int width)
    {
        var samples = channels == 3 ? 3 : 1;
        var lines = new byte[height * (1 + samples * width)];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                for (var channel = 0; channel < samples; channel++)
                    lines[y * (1 + samples * width) + 1 + x * samples + channel] = pixels[(channel * height + y) * width + x];

        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            zlib.Write(lines);

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, (byte)(samples == 3 ? 2 : 0));
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk(file, "IHDR"u8, header);
        Chunk(file, "IDAT"u8, packed.ToArray());
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(uint.MaxValue, type), data));
        file.Write(number);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
            crc = Table[(crc ^ value) & 0xFF] ^ (crc >> 8);
        return crc;
    }
}
