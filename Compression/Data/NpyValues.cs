using System.Buffers.Binary;
using System.IO.Compression;

namespace SparseGrid.Compression.Data;

/// <summary>Reads the values of arrays in an .npz archive.</summary>
internal static class NpyValues
{
    private const int Piece = 1 << 16;

    /// <summary>Pixels: bytes, or floats from 0 to 1; one of the two.</summary>
    /// <exception cref="InvalidDataException">The array is damaged, of another type, or has a value out of range.</exception>
    public static (NpyArray Array, byte[]? Bytes, float[]? Floats) Pixels(ZipArchiveEntry entry, string place)
    {
        using var content = new ZipEntryContent(entry);
        var array = NpyArray.Header(content, place);
        if (array.Type == "u1")
            return (array, Whole(content, array, array.Count, WholeRead.Of(content, array.Count), place), null);
        if (array.Type is not ("f4" or "f8"))
            throw new InvalidDataException($"{place}: has values of type {array.Type}; images are uint8 (u1), or float32 or float64 (f4, f8) from 0 to 1.");

        var floats = new float[Math.Min(array.Count, Piece)];
        var piece = new byte[Piece * array.Size];
        for (var filled = 0; filled < array.Count;)
        {
            var wanted = Math.Min(Piece, array.Count - filled);
            var bytes = piece.AsSpan(0, wanted * array.Size);
            if (WholeRead.AtMost(content, bytes) < bytes.Length)
                throw Broken(array, place);
            if (filled + wanted > floats.Length)
                Array.Resize(ref floats, (int)Math.Min(array.Count, 2L * floats.Length));
            for (var i = 0; i < wanted; i++, filled++)
                floats[filled] = Pixel(bytes[(i * array.Size)..], array, filled, place);
        }

        return (array, null, Whole(content, array, array.Count, floats, place));
    }

    /// <summary>Labels, [N].</summary>
    /// <exception cref="InvalidDataException">The array is damaged, of another type or shape, or has a label that no class has.</exception>
    public static int[] Labels(ZipArchiveEntry entry, string place)
    {
        using var content = new ZipEntryContent(entry);
        var array = NpyArray.Header(content, place);
        if (array.Shape.Length != 1 && !(array.Shape.Length == 2 && array.Shape[1] == 1))
            throw new InvalidDataException($"{place}: its shape is {array.ShapeText}; labels are [N] or [N, 1], a class number for each image.");
        if (array.Type is not ("u1" or "u2" or "u4" or "u8" or "i1" or "i2" or "i4" or "i8"))
            throw new InvalidDataException($"{place}: has values of type {array.Type}; labels are whole numbers (uint8, int64, …).");
        if ((long)array.Count * array.Size > Array.MaxLength)
            throw Broken(array, place);

        var bytes = Whole(content, array, array.Count * array.Size, WholeRead.Of(content, array.Count * array.Size), place);
        var labels = new int[bytes.Length / array.Size];
        for (var i = 0; i < labels.Length; i++)
        {
            var label = Integer(bytes.AsSpan(i * array.Size, array.Size), array.Type[0] == 'i');
            if (label < 0 || label > ushort.MaxValue)
                throw new InvalidDataException($"{place}: label {i + 1} is {label}; labels are 0 to {ushort.MaxValue}. Correct it.");
            labels[i] = (int)label;
        }

        return labels;
    }

    private static float Pixel(ReadOnlySpan<byte> bytes, NpyArray array, int index, string place)
    {
        var value = array.Size == 4 ? BinaryPrimitives.ReadSingleLittleEndian(bytes) : BinaryPrimitives.ReadDoubleLittleEndian(bytes);
        if (value >= 0 && value <= 1)
            return (float)value;
        var image = index / (array.Count / array.Shape[0]);
        throw new InvalidDataException($"{place}: image {image + 1} has the value {value}; floats are 0 to 1. Divide by the largest value before saving, or save uint8.");
    }

    private static Int128 Integer(ReadOnlySpan<byte> bytes, bool signed) => signed
        ? bytes.Length switch
        {
            1 => (sbyte)bytes[0],
            2 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            4 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        }
        : bytes.Length switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => (Int128)BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        };

    private static T[] Whole<T>(ZipEntryContent content, NpyArray array, int length, T[] values, string place) =>
        values.Length == length && content.EndsWhole() ? values : throw Broken(array, place);

    private static InvalidDataException Broken(NpyArray array, string place) =>
        new($"{place}: its header states {array.ShapeText} of {array.Type}, but the array is damaged, or shorter or longer. Get the file again.");
}
