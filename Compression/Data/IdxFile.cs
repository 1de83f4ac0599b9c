using System.Buffers.Binary;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Data;

/// <summary>Reads IDX files of unsigned bytes: a magic number, the sizes of the dimensions as big-endian 32-bit numbers, the values.</summary>
/// <remarks>The format of the MNIST database (LeCun, Cortes, Burges): magic 0x00000803 for images [N, H, W], 0x00000801 for labels [N].</remarks>
internal static class IdxFile
{
    private const int ImagesMagic = 0x803;
    private const int LabelsMagic = 0x801;

    /// <summary>The images of a file: pixels [N, H, W] and the shape of one.</summary>
    /// <exception cref="InvalidDataException">The file is missing, truncated or not of this form.</exception>
    public static (byte[] Pixels, ImageShape Shape) Images(DataFile file) => file.Read(content =>
    {
        var sizes = Header(file.Path, content, ImagesMagic, "images");
        var values = (UInt128)sizes[0] * sizes[1] * sizes[2];
        if (values == 0)
            throw new InvalidDataException($"{file.Path}: its header states {sizes[0]} images of {sizes[1]}x{sizes[2]} pixels, which is nothing. Get the file again.");
        return (Values(file.Path, content, values, $"{sizes[0]} images of {sizes[1]}x{sizes[2]} pixels"), new ImageShape(1, (int)sizes[1], (int)sizes[2]));
    });

    /// <summary>The labels of a file, [N].</summary>
    /// <exception cref="InvalidDataException">The file is missing, truncated or not of this form.</exception>
    public static int[] Labels(DataFile file) => file.Read(content =>
    {
        var sizes = Header(file.Path, content, LabelsMagic, "labels");
        return Array.ConvertAll(Values(file.Path, content, sizes[0], $"{sizes[0]} labels"), label => (int)label);
    });

    private static uint[] Header(string path, Stream content, int magic, string what)
    {
        var dimensions = magic & 0xff;
        Span<byte> header = stackalloc byte[4 + 4 * dimensions];
        var read = WholeRead.AtMost(content, header);
        if (read >= 4 && BinaryPrimitives.ReadInt32BigEndian(header) is var found && found != magic)
            throw new InvalidDataException($"{path}: starts with 0x{found:x8}, but IDX {what} start with 0x{magic:x8}. Is this the right file? Get it again if it is.");
        if (read < header.Length)
            throw new InvalidDataException($"{path}: ends after {read} bytes, within the header of {header.Length}. Get the file again.");

        var sizes = new uint[dimensions];
        for (var i = 0; i < dimensions; i++)
            sizes[i] = BinaryPrimitives.ReadUInt32BigEndian(header[(4 + 4 * i)..]);
        return sizes;
    }

    private static byte[] Values(string path, Stream content, UInt128 count, string stated)
    {
        // Where the length is known the header is checked before anything is allocated.
        if (content.CanSeek && (UInt128)(content.Length - content.Position) is var there && there != count)
            throw Differs(path, stated, count, $"{there} bytes follow it");
        if (count > (UInt128)Array.MaxLength)
            throw new InvalidDataException($"{path}: its header states {stated}; more than {Array.MaxLength} bytes are not read. Get the file again, or split it.");

        var values = WholeRead.Of(content, (int)count);
        if (values.Length < (int)count)
            throw Differs(path, stated, count, $"{values.Length} bytes follow it");
        return WholeRead.Ended(content) ? values : throw Differs(path, stated, count, "more follow it");
    }

    private static InvalidDataException Differs(string path, string stated, UInt128 count, string found) =>
        new($"{path}: its header states {stated}, {count} bytes, but {found}. Get the file again.");
}
