using System.Runtime.InteropServices;
using Google.Protobuf.Collections;
using SparseGrid.Compression.Onnx.Schema;
using static SparseGrid.Compression.Onnx.Schema.TensorProto.Types;

namespace SparseGrid.Compression.Onnx;

/// <summary>A weight as a file stores it: an array of floats or integers, and for integers the level that stands for zero.</summary>
/// <param name="ZeroPoint">Null where it is zero.</param>
/// <param name="Axis">The axis that the zero point, if it has more than one value, runs along.</param>
internal sealed record StoredWeight(TensorProto Tensor, TensorProto? ZeroPoint, int Axis)
{
    /// <summary>Looks from a node's input back through quantizers and copies to the array; null where it is computed from something else.</summary>
    public static StoredWeight? Find(string tensor, IReadOnlyDictionary<string, TensorProto> constants, IReadOnlyDictionary<string, NodeProto> producers)
    {
        if (constants.TryGetValue(tensor, out var array))
            return new(array, null, 0);
        if (!producers.TryGetValue(tensor, out var node))
            return null;

        switch (node.OpType)
        {
            case "Constant":
                return node.Attribute.FirstOrDefault(attribute => attribute.T is not null) is { T: var value } ? new(value, null, 0) : null;
            case "Identity":
            case "QuantizeLinear":                                // of a float weight: zero stays zero
                return Find(node.Input[0], constants, producers);
            case "DequantizeLinear":
                var found = Find(node.Input[0], constants, producers);
                var isInteger = found is not null && (DataType)found.Tensor.DataType is DataType.Int8 or DataType.Uint8;
                if (!isInteger || node.Input.Count < 3)
                    return found;
                var axis = node.Attribute.FirstOrDefault(attribute => attribute.Name == "axis")?.I ?? 1;
                return found! with
                {
                    ZeroPoint = Find(node.Input[2], constants, producers)?.Tensor,
                    Axis = (int)(axis < 0 ? axis + found!.Tensor.Dims.Count : axis),
                };
            default:
                return null;
        }
    }

    /// <summary>For each value, row-major, 0 where it stands for zero and 1 elsewhere.</summary>
    /// <exception cref="InvalidDataException">The values are in another file, of another number than the shape says, or of an unknown type.</exception>
    public byte[] Used()
    {
        var values = Values(Tensor);
        var count = Tensor.Dims.Aggregate(1L, (product, size) => product * size);
        if (values.Length != count)
            throw new InvalidDataException($"Weight '{Tensor.Name}' holds {values.Length} values, but its shape [{string.Join(", ", Tensor.Dims)}] takes {count}; the file is damaged.");

        var zeroPoints = ZeroPoint is null ? [0] : Values(ZeroPoint);
        var inner = Tensor.Dims.Skip(Axis + 1).Aggregate(1L, (product, size) => product * size);
        var used = new byte[values.Length];
        for (var i = 0; i < used.Length; i++)
            used[i] = (byte)(values[i] == zeroPoints[zeroPoints.Length == 1 ? 0 : i / inner % zeroPoints.Length] ? 0 : 1);
        return used;
    }

    private static float[] Values(TensorProto tensor)
    {
        if (tensor.DataLocation == DataLocation.External)
            throw new InvalidDataException($"The values of weight '{tensor.Name}' are in another file, which is not looked at here; store the model as one file.");

        var raw = tensor.RawData.Span;
        return (DataType)tensor.DataType switch
        {
            DataType.Float => raw.IsEmpty ? [.. tensor.FloatData] : MemoryMarshal.Cast<byte, float>(raw).ToArray(),
            DataType.Float16 => raw.IsEmpty
                ? Convert(tensor.Int32Data, bits => (float)BitConverter.Int16BitsToHalf((short)bits))
                : Convert(MemoryMarshal.Cast<byte, Half>(raw), value => (float)value),
            DataType.Int8 => raw.IsEmpty ? Convert(tensor.Int32Data, value => value) : Convert(MemoryMarshal.Cast<byte, sbyte>(raw), value => value),
            DataType.Uint8 => raw.IsEmpty ? Convert(tensor.Int32Data, value => value) : Convert(raw, value => value),
            var type => throw new InvalidDataException($"Weight '{tensor.Name}' is of type {type}; float32, float16, int8 and uint8 can be read."),
        };
    }

    private static float[] Convert<T>(ReadOnlySpan<T> values, Func<T, float> convert)
    {
        var floats = new float[values.Length];
        for (var i = 0; i < floats.Length; i++)
            floats[i] = convert(values[i]);
        return floats;
    }

    private static float[] Convert(RepeatedField<int> values, Func<int, float> convert) => [.. values.Select(convert)];
}
