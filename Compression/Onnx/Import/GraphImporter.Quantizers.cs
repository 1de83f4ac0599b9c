using System.Runtime.InteropServices;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx.Import;

internal sealed partial class GraphImporter
{
    private readonly Dictionary<string, float[]> weightSteps = [];
    private readonly Dictionary<string, double[]> exactBiases = [];
    private bool hasIntegerBias;
    private bool repeats;

    private void Quantize(OnnxNode node)
    {
        var value = values[node.Inputs[0]];
        if (value is ConstantValue { Array.Type: ElementType.F32 } constant)
        {
            values[node.Output] = new ConstantLevels(constant, StepsOf(node, constant.Array, null));
            return;
        }

        var steps = StepsOf(node, null, null);
        values[node.Output] = new ImageLevels(Tensor(node.Inputs[0], node), steps);
    }

    private void Dequantize(OnnxNode node)
    {
        switch (values[node.Inputs[0]])
        {
            case ImageLevels levels:
                CheckSame(node, levels.Steps, StepsOf(node, null, levels.Steps.Type));
                WriteQuantizer(node, levels);
                break;
            case ConstantLevels levels:
                CheckSame(node, levels.Steps, StepsOf(node, levels.Of.Array, levels.Steps.Type));
                values[node.Output] = new ConstantValue(Rounded(levels.Of.Array, levels.Steps, node), NameOf(node, levels.Of.Name)) { Steps = levels.Steps, Unrounded = levels.Of.Array };
                break;
            case ConstantValue { Array: { Type: ElementType.I8 or ElementType.U8 or ElementType.I64 } array } constant:
                var steps = StepsOf(node, array, array.Type);
                hasIntegerBias |= array.Type == ElementType.I64;
                values[node.Output] = new ConstantValue(Dequantized(array, steps), NameOf(node, constant.Name)) { Steps = steps, Exact = Exactly(array, steps) };
                break;
            default:
                throw node.Refused($"takes '{node.Inputs[0]}', which is neither a constant of int8, uint8 or int32 nor comes from a QuantizeLinear");
        }
    }

    private void WriteQuantizer(OnnxNode node, ImageLevels levels)
    {
        if (RoundedBy(levels.Tensor) is { } same && (same.ScaleName, same.Signed) == (node.Inputs[1], levels.Steps.Signed))
        {
            values[node.Output] = new ImageValue(levels.Tensor, DimsOf(levels.Tensor));
            return;
        }

        if (nodes.Find(layer => layer.Output == levels.Tensor) is ReadQuantizer before)
            throw node.Refused($"rounds what {before} has rounded already. A tensor has one quantizer here; leave one of them out");
        Write(new ReadQuantizer(node.Name, levels.Tensor, FreeTensor(node.Output), levels.Steps.Scales[0], levels.Steps.Signed, node.Inputs[1]), node.Output);
    }

    // Our files quantize once more, by the same constant, what a flatten or max pool makes of quantized values. It changes no value and an export writes it again.
    private ReadQuantizer? RoundedBy(string tensor) => nodes.Find(layer => layer.Output == tensor) switch
    {
        ReadQuantizer quantizer => quantizer,
        (MaxPool or Flatten) and var layer when repeats => RoundedBy(layer.Input),
        _ => null,
    };

    private QuantizationSteps StepsOf(OnnxNode node, HostArray? constant, ElementType? given)
    {
        if (node.Inputs.Count < 2 || values[node.Inputs[1]] is not ConstantValue { Array: { Type: ElementType.F32, Count: > 0 } scale } || scale.Shape.Length > 1)
            throw node.Refused("has no constant scale: one number, or one for each index along an axis");
        if (node.Int("block_size", 0) != 0)
            throw node.Refused($"has a scale for each block of {node.Int("block_size", 0)} values; one, or one for each output channel, can be imported");
        foreach (var each in scale.Floats)
        {
            if (!float.IsFinite(each) || each <= 0 || !float.IsFinite(each * 255))
                throw node.Refused($"has the scale {each}; scales are finite and above 0");
        }

        var zero = node.Inputs.Count > 2 && node.Inputs[2].Length > 0
            ? values[node.Inputs[2]] is ConstantValue { Array: { Type: ElementType.I8 or ElementType.U8 or ElementType.I64 } array } && (array.Count == scale.Count || array.Count == 1) ? array
                : throw node.Refused("has a zero point that is no constant of int8, uint8 or int32, one for each scale")
            : null;
        var type = zero?.Type ?? given ?? node.Int("output_dtype", 0) switch
        {
            0 or 2 => ElementType.U8,
            3 => ElementType.I8,
            var other => throw node.Refused($"has output_dtype {other}; int8 (3) and uint8 (2) can be imported"),
        };
        var offsets = zero is null ? [] : zero.Type == ElementType.I64 ? Array.ConvertAll(zero.Longs.ToArray(), value => (int)Math.Clamp(value, int.MinValue, int.MaxValue)) : Integers(zero);
        if (type == ElementType.I64 && given is null)
            throw node.Refused("makes 32-bit integers, which QuantizeLinear cannot");
        var offset = offsets.Length > 0 && type == ElementType.U8 && offsets.All(value => value == 128) ? 128 : 0;
        if (offsets.Any(value => value != offset))
        {
            throw node.Refused(
                $"has the zero point {offsets.First(value => value != offset)}; here levels lie around zero: 0 of int8 or uint8, or 128 of uint8. Quantize the model symmetrically");
        }

        if (scale.Count == 1)
            return new(scale.Floats.ToArray(), 0, type, offset);
        if (constant is null)
            throw node.Refused($"has {scale.Count} scales for an activation; one for all of it can be imported. Quantize activations per tensor");
        var axis = node.Int("axis", 1) is var at && at < 0 ? at + constant.Shape.Length : at;
        if (axis < 0 || axis >= constant.Shape.Length || constant.Shape[(int)axis] != scale.Count)
            throw node.Refused($"has {scale.Count} scales along axis {axis} of [{string.Join(", ", constant.Shape)}], which are not as many");
        return new(scale.Floats.ToArray(), (int)axis, type, offset);
    }

    private static void CheckSame(OnnxNode node, QuantizationSteps quantized, QuantizationSteps dequantized)
    {
        if (!quantized.Same(dequantized))
            throw node.Refused($"has another scale or zero point ({dequantized.Scales[0]}) than the QuantizeLinear before it ({quantized.Scales[0]}); the two belong together");
    }

    // What a file rounds floats to. Weights are rounded again by the ranges, so here only what is no weight comes to stay.
    private static HostArray Rounded(HostArray array, QuantizationSteps steps, OnnxNode node)
    {
        var (from, run) = (array.Floats.ToArray(), steps.RunLength(array));
        for (var start = 0; start < from.Length; start += run)
        {
            var scale = steps.ScaleAt(start, run);
            foreach (ref var value in from.AsSpan(start, run))
            {
                if (float.IsNaN(value))
                    throw node.Refused("rounds an array that holds a value that is not a number");
                value = Math.Clamp(MathF.Round(value / scale), steps.MinLevel, steps.MaxLevel) * scale;
            }
        }

        return HostArray.Of(from, array.Shape.AsSpan());
    }

    private static HostArray Dequantized(HostArray array, QuantizationSteps steps)
    {
        var (values, run) = (new float[array.Count], steps.RunLength(array));
        var integers = array.Type == ElementType.I64 ? array.Longs : [];
        var bytes = array.Type == ElementType.I64 ? [] : array.Bytes.Span;
        for (var start = 0; start < values.Length; start += run)
        {
            var (scale, end) = (steps.ScaleAt(start, run), start + run);
            switch (array.Type)
            {
                case ElementType.I64:
                    for (var i = start; i < end; i++)
                        values[i] = integers[i] * scale;
                    break;
                case ElementType.I8:
                    for (var i = start; i < end; i++)
                        values[i] = (sbyte)bytes[i] * scale;
                    break;
                default:
                    for (var i = start; i < end; i++)
                        values[i] = (bytes[i] - steps.Offset) * scale;
                    break;
            }
        }

        return HostArray.Of(values, array.Shape.AsSpan());
    }

    private static double[]? Exactly(HostArray array, QuantizationSteps steps)
    {
        if (array.Type != ElementType.I64)
            return null;
        var (values, run) = (new double[array.Count], steps.RunLength(array));
        var integers = array.Longs;
        for (var i = 0; i < values.Length; i++)
            values[i] = integers[i] * (double)steps.ScaleAt(i / run * run, run);
        return values;
    }

    /// <summary>Takes the scales of a layer's weight as its ranges.</summary>
    private void TakeSteps(OnnxNode node, string layer, ConstantValue weight, int outputAxis)
    {
        if (weight.Steps is not { } steps)
            return;
        if (!steps.Signed || steps.Type == ElementType.I64)
            throw node.Refused($"has a weight of {(steps.Signed ? "32-bit integers" : "levels from 0 on")}; weights of int8 around zero can be imported");
        if (steps.Scales.Length > 1 && steps.Axis != outputAxis)
            throw node.Refused($"has a weight with scales along axis {steps.Axis}; output channels are axis {outputAxis}. Quantize weights per output channel");

        weightSteps[layer] = steps.Scales;
        var values = weight.Array.Floats;
        var (run, beyond) = (steps.RunLength(weight.Array), 0);
        for (var start = 0; start < values.Length; start += run)
        {
            var least = -127.5f * steps.ScaleAt(start, run);
            foreach (var value in values.Slice(start, run))
                beyond += value < least ? 1 : 0;
        }

        if (beyond > 0)
            notes.Add($"{beyond} of {values.Length} weights of '{layer}' have level −128, which weights do not have here; they become −127.");
    }

    // The name that says which layer an array belongs to: that of the float array, where the file has one.
    private static string NameOf(OnnxNode node, string constant) =>
        node.Output.EndsWith(".weight", StringComparison.Ordinal) ? node.Output
        : constant.EndsWith("_quantized", StringComparison.Ordinal) ? constant[..^"_quantized".Length]
        : constant;

    private static int[] Integers(HostArray bytes) =>
        bytes.Type == ElementType.I8 ? Array.ConvertAll(MemoryMarshal.Cast<byte, sbyte>(bytes.Bytes.Span).ToArray(), value => (int)value) : Array.ConvertAll(bytes.Bytes.ToArray(), value => (int)value);

    // A matrix, whose axis of scales goes along.
    private static ConstantValue Exchanged(OnnxNode node, ConstantValue constant)
    {
        if (constant.Array is not { Type: ElementType.F32, Shape.Length: 2 } || !(node.Ints("perm") ?? [1, 0]).AsSpan().SequenceEqual([1, 0]))
            throw node.Refused($"exchanges the axes of a constant [{string.Join(", ", constant.Array.Shape)}]; float matrices can be transposed");
        return new(Transposed(constant.Array), constant.Name)
        {
            Steps = constant.Steps is { } steps ? steps with { Axis = 1 - steps.Axis } : null,
            Unrounded = constant.Unrounded is { } unrounded ? Transposed(unrounded) : null,
        };
    }
}
