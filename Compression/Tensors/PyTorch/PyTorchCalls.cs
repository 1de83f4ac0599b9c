namespace SparseGrid.Compression.Tensors.PyTorch;

/// <summary>The functions that a state dict's pickle may name.</summary>
internal static class PyTorchCalls
{
    private const int MostAxes = 16;

    /// <summary>What a function makes of its arguments.</summary>
    /// <exception cref="InvalidDataException">It is none that tensors need.</exception>
    public static object? Call(PickleGlobal function, object?[] arguments) => (function.ToString(), arguments) switch
    {
        ("collections.OrderedDict", []) => new PickleDictionary(),
        ("torch._utils._rebuild_tensor_v2", [PyTorchStorage storage, long offset, object?[] shape, object?[] strides, ..]) => Tensor(storage, offset, shape, strides),
        ("torch._utils._rebuild_tensor", [PyTorchStorage storage, long offset, object?[] shape, object?[] strides]) => Tensor(storage, offset, shape, strides),
        ("torch._utils._rebuild_parameter", [PyTorchTensor tensor, ..]) => tensor,
        ("torch.Size", [object?[] sizes]) => sizes,
        ("torch.Size", [List<object?> sizes]) => sizes.ToArray(),
        ("torch.device", [string device, ..]) => device,
        ("collections.OrderedDict" or "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor" or "torch._utils._rebuild_parameter" or "torch.Size" or "torch.device", _) =>
            throw new InvalidDataException($"its pickle calls {function} with arguments that torch.save does not write"),
        _ => throw new InvalidDataException(
            $"it holds a {function}, which is no tensor, dict, list, number or text, and is not loaded. Save model.state_dict() alone with torch.save"),
    };

    /// <summary>The storage that a persistent id names: ('storage', its class, its entry, a device, its length).</summary>
    public static object? Storage(object?[] id) =>
        id is ["storage", PickleGlobal type, string key, string, long count] && count >= 0 && key.Length > 0 && key.All(char.IsAsciiDigit)
            ? new PyTorchStorage(key, TypeOf(type), count)
            : throw new InvalidDataException("its pickle names a storage in a way that torch.save does not");

    private static ElementType TypeOf(PickleGlobal type) => type.ToString() switch
    {
        "torch.FloatStorage" => ElementType.F32,
        "torch.DoubleStorage" => ElementType.F64,
        "torch.HalfStorage" => ElementType.F16,
        "torch.BFloat16Storage" => ElementType.BF16,
        "torch.LongStorage" => ElementType.I64,
        "torch.IntStorage" => ElementType.I32,
        "torch.CharStorage" => ElementType.I8,
        "torch.ByteStorage" or "torch.BoolStorage" => ElementType.U8,
        var other => throw new InvalidDataException($"it holds a {other}; float, double, half, bfloat16, long, int, char, byte and bool are read"),
    };

    private static PyTorchTensor Tensor(PyTorchStorage storage, long offset, object?[] shape, object?[] strides)
    {
        var (sizes, steps) = (Numbers(shape), Numbers(strides));
        return sizes is not null && steps is not null && sizes.Length == steps.Length && sizes.Length <= MostAxes && offset >= 0
            ? new(storage, offset, sizes, steps)
            : throw new InvalidDataException(
                $"a tensor has {shape.Length} sizes and {strides.Length} strides from value {offset} on; both are whole numbers from 0 on, as many of one as of the other, at most {MostAxes}");
    }

    private static long[]? Numbers(object?[] values) => values.All(value => value is long and >= 0) ? Array.ConvertAll(values, value => (long)value!) : null;
}
