using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SparseGrid.Compression.Data;

/// <summary>The header of one array in NumPy's .npy format, versions 1 to 3. The values follow it in C order, little-endian.</summary>
/// <param name="Type">Kind and bytes of a value: u1, i8, f4.</param>
/// <param name="Shape">Sizes of the dimensions, at least one.</param>
/// <param name="Count">Number of values.</param>
/// <remarks>NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".</remarks>
internal sealed partial record NpyArray(string Type, ImmutableArray<long> Shape, int Count)
{
    private const int LongestHeader = 1 << 16;

    /// <summary>Bytes of one value.</summary>
    public int Size => Type[1] - '0';

    /// <summary>The shape as NumPy writes it.</summary>
    public string ShapeText => $"({string.Join(", ", Shape)})";

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads the header; the stream is then at the values.</summary>
    /// <param name="place">Names the array: "faces.npz: x_train".</param>
    /// <exception cref="InvalidDataException">It is not of this form, or of a type or order that is not read.</exception>
    public static NpyArray Header(Stream content, string place)
    {
        var text = Text(content, place);
        var (type, order, shape) = (TypeField().Match(text), OrderField().Match(text), ShapeField().Match(text));
        if (!type.Success || !order.Success || !shape.Success)
            throw new InvalidDataException($"{place}: its header names no descr, fortran_order or shape. Save it with numpy.savez.");
        if (type.Groups[1].Value is ">" && type.Groups[3].Value != "1")
            throw new InvalidDataException($"{place}: its values are '{type.Groups[1].Value}{type.Groups[2].Value}{type.Groups[3].Value}', big-endian; save them little-endian.");
        if (order.Groups[1].Value == "True")
            throw new InvalidDataException($"{place}: is in Fortran order; save it in C order (numpy.ascontiguousarray).");

        var (sizes, count) = (ImmutableArray.CreateBuilder<long>(), (UInt128)1);
        foreach (var size in shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0 || (count *= (UInt128)number) > (UInt128)Array.MaxLength)
                throw new InvalidDataException($"{place}: its shape is ({shape.Groups[1].Value}); arrays have 1 to {Array.MaxLength} values. Get the file again, or split it.");
            sizes.Add(number);
        }

        return sizes.Count > 0
            ? new(type.Groups[2].Value + type.Groups[3].Value, sizes.ToImmutable(), (int)count)
            : throw new InvalidDataException($"{place}: is a single value; an array is needed.");
    }

    private static string Text(Stream content, string place)
    {
        Span<byte> start = stackalloc byte[8];
        if (WholeRead.AtMost(content, start) < start.Length || !start.StartsWith(Magic) || start[6] is < 1 or > 3)
            throw new InvalidDataException($"{place}: does not start as a .npy array of version 1 to 3. Save it with numpy.savez.");

        Span<byte> size = stackalloc byte[start[6] == 1 ? 2 : 4];
        var whole = WholeRead.AtMost(content, size) == size.Length;
        var length = size.Length == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(size) : BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (!whole || length > LongestHeader)
            throw new InvalidDataException($"{place}: states a header of {length} bytes; it has at most {LongestHeader}. Get the file again.");

        var header = new byte[length];
        return WholeRead.AtMost(content, header) == header.Length
            ? Encoding.Latin1.GetString(header)
            : throw new InvalidDataException($"{place}: ends within its header. Get the file again.");
    }

    [GeneratedRegex(@"'descr'\s*:\s*'([<>|=]?)([a-zA-Z])([0-9]{1,3})'", RegexOptions.CultureInvariant)]
    private static partial Regex TypeField();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)", RegexOptions.CultureInvariant)]
    private static partial Regex OrderField();

    [GeneratedRegex(@"'shape'\s*:\s*\(([0-9, ]{0,200})\)", RegexOptions.CultureInvariant)]
    private static partial Regex ShapeField();
}
