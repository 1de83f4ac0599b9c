using SparseGrid.Compression.Tensors;
using static SparseGrid.Compression.Onnx.Schema.TensorProto.Types;

namespace SparseGrid.Compression.Onnx.Import;

/// <summary>Folds what does not depend on the images: constants, and the arithmetic on shapes that exporters write for sizes they could not fix.</summary>
internal static class ShapeArithmetic
{
    private const int MostNumbers = 1 << 16;

    /// <summary>What a node of constants and shapes gives; null where the operation is none of those that shapes are computed with.</summary>
    public static ImportedValue? Fold(OnnxNode node, ImportedValue?[] given, Func<string, long, long, byte[]> external)
    {
        switch (node.Operation)
        {
            case "Constant":
                return Constant(node, external);
            case "Cast" when given is [ConstantValue { Array.Type: ElementType.F32 or ElementType.I64 } constant] && node.Int("to", 1) is (int)DataType.Int8 or (int)DataType.Uint8:
                return constant with { Array = Bytes(constant.Array, node), Name = node.Output };
            case "Identity" when given is [ConstantValue constant]:
                return constant with { Name = node.Output };          // each reader of a shared array gives it a name of its own
            case "Identity" when given is [ShapeValue]:
                return given[0];
        }

        if (given.Length == 0 || given.Any(value => value is not null && NumbersOf(value) is null))
            return null;
        var numbers = Array.ConvertAll(given, value => value is null ? null : NumbersOf(value));
        var first = numbers[0]!;
        switch (node.Operation)
        {
            case "Cast" or "Floor" or "Ceil":
                return first;
            case "Shape":
                return new ShapeValue([.. ((given[0] as ConstantValue)?.Array.Shape ?? [first.Numbers.Length]).Select(size => new ShapeNumber(size))], IsScalar: false);
            case "Add" or "Sub" or "Mul" or "Div" when numbers is [_, { } second]:
                return Combined(node, first, second);
            case "Concat":
                return new ShapeValue([.. numbers.SelectMany(each => each!.Numbers)], IsScalar: false);
            case "Unsqueeze" when first.IsScalar:
                return first with { IsScalar = false };
            case "Squeeze" when first.Numbers.Length == 1:
                return first with { IsScalar = true };
            case "Gather" when node.Int("axis", 0) == 0 && numbers is [_, { } places]:
                return new ShapeValue([.. places.Numbers.Select(place => At(node, first, place))], places.IsScalar);
            case "Slice" when numbers is [_, { } starts, { } ends, ..] && Slices(numbers):
                return Part(node, first, starts.Numbers[0], ends.Numbers[0]);
            default:
                return null;
        }
    }

    private static ConstantValue Constant(OnnxNode node, Func<string, long, long, byte[]> external)
    {
        var array = node.Find("value") is { T: { } tensor } ? OnnxArrays.Read(tensor, external)
            : node.Find("value_int") is { } number ? HostArray.Of((ReadOnlySpan<long>)[number.I])with { Shape = [] }
            : node.Find("value_ints") is { } numbers ? HostArray.Of([.. numbers.Ints], numbers.Ints.Count)
            : node.Find("value_float") is { } value ? HostArray.Of((ReadOnlySpan<float>)[value.F]) with { Shape = [] }
            : node.Find("value_floats") is { } values ? HostArray.Of([.. values.Floats], values.Floats.Count)
            : throw node.Refused("holds no number and no array");
        return new(array, node.Output);
    }

    // A zero point as PyTorch writes it without constant folding: a float that is cast.
    private static HostArray Bytes(HostArray array, OnnxNode node)
    {
        var signed = node.Int("to", 1) == (int)DataType.Int8;
        var numbers = array.Type == ElementType.F32 ? Array.ConvertAll(array.Floats.ToArray(), value => (double)value) : Array.ConvertAll(array.Longs.ToArray(), value => (double)value);
        return numbers.All(value => value == Math.Truncate(value) && (signed ? value is >= -128 and <= 127 : value is >= 0 and <= 255))
            ? new(signed ? ElementType.I8 : ElementType.U8, array.Shape, Array.ConvertAll(numbers, value => (byte)(int)value))
            : throw node.Refused($"casts numbers to {(signed ? "int8" : "uint8")} that are none");
    }

    // Whole numbers, also where a file holds them as floats for a division.
    private static ShapeValue? NumbersOf(ImportedValue value) => value switch
    {
        ShapeValue shape => shape,
        ConstantValue { Array: { Type: ElementType.I64, Shape.Length: <= 1, Count: <= MostNumbers } array } =>
            new([.. array.Longs.ToArray().Select(number => new ShapeNumber(number))], array.Shape.Length == 0),
        ConstantValue { Array: { Type: ElementType.F32, Shape.Length: 0 } array } when array.Floats[0] == MathF.Truncate(array.Floats[0]) && Math.Abs(array.Floats[0]) < 1e6 =>
            new([new((long)array.Floats[0])], IsScalar: true),
        _ => null,
    };

    private static ShapeValue Combined(OnnxNode node, ShapeValue left, ShapeValue right)
    {
        var count = Math.Max(left.Numbers.Length, right.Numbers.Length);
        if ((left.Numbers.Length != count && left.Numbers.Length != 1) || (right.Numbers.Length != count && right.Numbers.Length != 1))
            throw node.Refused($"combines {left.Numbers.Length} numbers with {right.Numbers.Length}");
        var numbers = new ShapeNumber[count];
        for (var i = 0; i < count; i++)
            numbers[i] = Combined(node, left.Numbers[left.Numbers.Length == 1 ? 0 : i], right.Numbers[right.Numbers.Length == 1 ? 0 : i]);
        return new(numbers, left.IsScalar && right.IsScalar);
    }

    private static ShapeNumber Combined(OnnxNode node, ShapeNumber left, ShapeNumber right) => (node.Operation, left.OfBatch, right.OfBatch) switch
    {
        ("Add", var of, var also) when of == also => new(checked(left.Value + right.Value), of),
        ("Sub", var of, var also) when of == also => new(checked(left.Value - right.Value), of),
        ("Mul", var of, false) => new(checked(left.Value * right.Value), of),
        ("Mul", false, true) => new(checked(left.Value * right.Value), true),
        ("Div", false, false) when right.Value != 0 => new(left.Value / right.Value),
        ("Div", true, false) when right.Value != 0 && left.Value % right.Value == 0 => new(left.Value / right.Value, true),
        ("Div", true, true) when right.Value != 0 && left.Value % right.Value == 0 => new(left.Value / right.Value),
        _ => throw node.Refused($"computes a size from {left} and {right}, which depends on the number of images"),
    };

    private static ShapeNumber At(OnnxNode node, ShapeValue from, ShapeNumber place)
    {
        var at = place.Value < 0 ? place.Value + from.Numbers.Length : place.Value;
        return !place.OfBatch && at >= 0 && at < from.Numbers.Length
            ? from.Numbers[at]
            : throw node.Refused($"takes number {place} of {from.Numbers.Length}");
    }

    private static bool Slices(ShapeValue?[] numbers) =>
        numbers.Skip(1).All(each => each is null or { Numbers.Length: 1 }) && numbers is not [_, _, _, { Numbers: [{ Value: not 0 }] }, ..] && numbers is not [_, _, _, _, { Numbers: [{ Value: not 1 }] }];

    private static ShapeValue Part(OnnxNode node, ShapeValue from, ShapeNumber start, ShapeNumber end)
    {
        int Place(ShapeNumber at) => !at.OfBatch
            ? (int)Math.Clamp(at.Value < 0 ? at.Value + from.Numbers.Length : at.Value, 0, from.Numbers.Length)
            : throw node.Refused($"takes numbers {start} to {end} of {from.Numbers.Length}");
        var (first, last) = (Place(start), Place(end));
        return new(from.Numbers[first..Math.Max(first, last)], IsScalar: false);
    }
}
