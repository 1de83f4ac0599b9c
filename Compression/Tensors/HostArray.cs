using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace SparseGrid.Compression.Tensors;

/// <summary>An array in host memory: type, shape, and its values row-major and little-endian. Not changed after it was made.</summary>
public sealed record HostArray(ElementType Type, ImmutableArray<long> Shape, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Number of values.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The values of a 32-bit float array.</summary>
    /// <exception cref="InvalidOperationException">The array is of another type.</exception>
    public ReadOnlySpan<float> Floats => As<float>(ElementType.F32);

    /// <summary>The values of a 64-bit integer array.</summary>
    /// <exception cref="InvalidOperationException">The array is of another type.</exception>
    public ReadOnlySpan<long> Longs => As<long>(ElementType.I64);

    /// <summary>The values of an 8-bit unsigned array.</summary>
    /// <exception cref="InvalidOperationException">The array is of another type.</exception>
    public ReadOnlySpan<byte> UnsignedBytes => As<byte>(ElementType.U8);

    /// <summary>The values of any floating array as 32-bit floats: 16-bit ones as they are, 64-bit ones rounded.</summary>
    /// <exception cref="InvalidOperationException">The array holds integers.</exception>
    public float[] ToFloats() => Type switch
    {
        ElementType.F16 => Array.ConvertAll(As<Half>(ElementType.F16).ToArray(), value => (float)value),
        ElementType.BF16 => Array.ConvertAll(As<ushort>(ElementType.BF16).ToArray(), bits => BitConverter.Int32BitsToSingle(bits << 16)),
        ElementType.F64 => Array.ConvertAll(As<double>(ElementType.F64).ToArray(), value => (float)value),
        _ => Floats.ToArray(),
    };

    /// <summary>An array of 32-bit floats.</summary>
    public static HostArray Of(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) => Of(ElementType.F32, values, shape);

    /// <summary>An array of 64-bit integers.</summary>
    public static HostArray Of(ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) => Of(ElementType.I64, values, shape);

    /// <summary>An array of 8-bit unsigned integers.</summary>
    public static HostArray Of(ReadOnlySpan<byte> values, params ReadOnlySpan<long> shape) => Of(ElementType.U8, values, shape);

    private static HostArray Of<T>(ElementType type, ReadOnlySpan<T> values, ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var array = new HostArray(type, [.. shape], MemoryMarshal.AsBytes(values).ToArray());
        if (array.Count != values.Length)
            throw new ArgumentException($"The shape [{string.Join(", ", shape.ToArray())}] holds {array.Count} values, but {values.Length} were given.", nameof(shape));
        return array;
    }

    private ReadOnlySpan<T> As<T>(ElementType type)
        where T : unmanaged =>
        Type == type
            ? MemoryMarshal.Cast<byte, T>(Bytes.Span)
            : throw new InvalidOperationException($"The array holds {Type}, not {type}.");
}
