using System.Runtime.InteropServices;
using SparseGrid.Compression.Onnx.Schema;
using SparseGrid.Compression.Tensors;
using static SparseGrid.Compression.Onnx.Schema.TensorProto.Types;

namespace SparseGrid.Compression.Onnx.Import;

/// <summary>Arrays of an ONNX file: floats as F32, 8-bit integers as I8 and U8, other integers and booleans as I64.</summary>
internal static class OnnxArrays
{
    private const int MostAxes = 8;

    /// <param name="external">Reads so many bytes of a file beside the model: location, offset, length (−1 for all).</param>
    /// <exception cref="InvalidDataException">The array is damaged, of a type that no weight has, or in a file that cannot be read.</exception>
    public static HostArray Read(TensorProto tensor, Func<string, long, long, byte[]> external)
    {
        long count = 1;
        foreach (var size in tensor.Dims)
        {
            if (size < 0 || (count = checked(count * size)) > int.MaxValue)
                throw new InvalidDataException($"array '{tensor.Name}' has shape [{string.Join(", ", tensor.Dims)}], which no array has");
        }

        if (tensor.Dims.Count > MostAxes)
            throw new InvalidDataException($"array '{tensor.Name}' has {tensor.Dims.Count} axes; at most {MostAxes} are read");

        var raw = tensor.DataLocation == DataLocation.External ? External(tensor, external) : tensor.RawData.Memory;
        long[] shape = [.. tensor.Dims];
        switch ((DataType)tensor.DataType)
        {
            case DataType.Float when raw.Length > 0:
                return new(ElementType.F32, [.. shape], Sized(tensor, raw, count, 4));
            case DataType.Float:
                return HostArray.Of(Counted<float>(tensor, [.. tensor.FloatData], count), shape);
            case DataType.Double:
                return Floats(tensor, raw.Length > 0 ? Cast<double>(tensor, raw, count) : [.. tensor.DoubleData], value => (float)value, count, shape);
            case DataType.Float16:
                return Floats(tensor, raw.Length > 0 ? Cast<Half>(tensor, raw, count) : [.. tensor.Int32Data.Select(bits => BitConverter.Int16BitsToHalf((short)bits))], value => (float)value, count, shape);
            case DataType.Bfloat16:
                return Floats(tensor, raw.Length > 0 ? Cast<ushort>(tensor, raw, count) : [.. tensor.Int32Data.Select(bits => (ushort)bits)], bits => BitConverter.Int32BitsToSingle(bits << 16), count, shape);
            case DataType.Int64:
                return Integers(tensor, raw.Length > 0 ? Cast<long>(tensor, raw, count) : [.. tensor.Int64Data], value => value, count, shape);
            case DataType.Int32:
                return Integers(tensor, raw.Length > 0 ? Cast<int>(tensor, raw, count) : [.. tensor.Int32Data], value => value, count, shape);
            case DataType.Int8 or DataType.Uint8:
                var bytes = raw.Length > 0 ? Sized(tensor, raw, count, 1) : Counted<byte>(tensor, [.. tensor.Int32Data.Select(value => (byte)value)], count);
                return new(tensor.DataType == (int)DataType.Int8 ? ElementType.I8 : ElementType.U8, [.. shape], bytes);
            case DataType.Bool:
                return Integers(tensor, raw.Length > 0 ? Cast<byte>(tensor, raw, count) : [.. tensor.Int32Data.Select(value => (byte)value)], value => value, count, shape);
            default:
                throw new InvalidDataException($"array '{tensor.Name}' is of type {(DataType)tensor.DataType}; float, float16, bfloat16, double, int8, uint8, int32, int64 and bool are read");
        }
    }

    private static byte[] External(TensorProto tensor, Func<string, long, long, byte[]> external)
    {
        string? Entry(string key) => tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;
        long Number(string key, long otherwise) => Entry(key) is not { } text ? otherwise
            : long.TryParse(text, out var value) && value >= 0 ? value
            : throw new InvalidDataException($"array '{tensor.Name}' lies outside of the file at {key} '{text}', which is no number of bytes");
        var location = Entry("location") ?? throw new InvalidDataException($"array '{tensor.Name}' lies outside of the file, but its place is not said");
        return external(location, Number("offset", 0), Number("length", -1));
    }

    private static ReadOnlyMemory<byte> Sized(TensorProto tensor, ReadOnlyMemory<byte> raw, long count, int size) =>
        raw.Length == count * size
            ? raw
            : throw new InvalidDataException($"array '{tensor.Name}' has {raw.Length} bytes, but its shape [{string.Join(", ", tensor.Dims)}] takes {count * size}");

    private static T[] Cast<T>(TensorProto tensor, ReadOnlyMemory<byte> raw, long count)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Sized(tensor, raw, count, Marshal.SizeOf<T>()).Span).ToArray();

    private static T[] Counted<T>(TensorProto tensor, T[] values, long count) =>
        values.Length == count
            ? values
            : throw new InvalidDataException($"array '{tensor.Name}' has {values.Length} values, but its shape [{string.Join(", ", tensor.Dims)}] takes {count}");

    private static HostArray Floats<T>(TensorProto tensor, T[] values, Converter<T, float> convert, long count, long[] shape) =>
        HostArray.Of(Array.ConvertAll(Counted(tensor, values, count), convert), shape);

    private static HostArray Integers<T>(TensorProto tensor, T[] values, Converter<T, long> convert, long count, long[] shape) =>
        HostArray.Of(Array.ConvertAll(Counted(tensor, values, count), convert), shape);
}
