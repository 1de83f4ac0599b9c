using System.Globalization;
using System.Runtime.InteropServices;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Schema;
using static SparseGrid.Compression.Onnx.Schema.TensorProto.Types;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>What an ONNX file computes for its output, as a tree of operators on inputs and constants, in a form that leaves out what may differ between equal files.</summary>
/// <remarks>
/// Left out: names; whether a constant is an initializer, a Constant node or a Cast of one; attributes at their defaults, and momentum, which only training reads.
/// Brought to one form: a constant behind QuantizeLinear is the integers that it gives; a Flatten of what one scale has quantized stands before
/// its quantizer (it moves no value). A quantizer that stands twice on one tensor is one tree, so sharing it makes no difference.
/// </remarks>
internal sealed class OnnxExpression
{
    private static readonly Dictionary<string, string> Defaults = new()
    {
        ["Conv.group"] = "1", ["MaxPool.ceil_mode"] = "0", ["MaxPool.storage_order"] = "0", ["AveragePool.ceil_mode"] = "0", ["AveragePool.count_include_pad"] = "0",
        ["Gemm.alpha"] = "1", ["Gemm.beta"] = "1", ["Gemm.transA"] = "0", ["Gemm.transB"] = "0", ["Flatten.axis"] = "1", ["BatchNormalization.epsilon"] = "1E-05",
        ["BatchNormalization.training_mode"] = "0", ["QuantizeLinear.axis"] = "1", ["DequantizeLinear.axis"] = "1",
    };

    private OnnxExpression(string operation, string attributes, params OnnxExpression[] inputs) => (Operation, Attributes, Inputs) = (operation, attributes, inputs);

    /// <summary>Conv; constant; input.</summary>
    public string Operation { get; }

    /// <summary>Those that are not at their defaults, in the order of their names; of a constant its type.</summary>
    public string Attributes { get; }

    public OnnxExpression[] Inputs { get; }

    /// <summary>Of a constant.</summary>
    public double[] Values { get; private init; } = [];

    /// <summary>The output of a file that has one.</summary>
    public static OnnxExpression Of(byte[] file)
    {
        var graph = ExportedSparsity.Parse(file).Graph;
        var producers = graph.Node.SelectMany(node => node.Output.Select(output => (output, node))).ToDictionary(pair => pair.output, pair => pair.node);
        var known = graph.Initializer.ToDictionary(tensor => tensor.Name, Constant);
        OnnxExpression Find(string tensor)
        {
            if (known.TryGetValue(tensor, out var expression))
                return expression;
            return known[tensor] = producers.TryGetValue(tensor, out var node)
                ? Normal(node, [.. node.Input.Select(Find)])
                : new("input", "");
        }

        return Find(graph.Output.Single().Name);
    }

    /// <summary>Goes through two expressions side by side.</summary>
    /// <returns>The largest relative difference of their scales and other constants.</returns>
    public static double Compare(OnnxExpression expected, OnnxExpression actual, double tolerance)
    {
        var seen = new HashSet<(OnnxExpression, OnnxExpression)>();
        var largest = 0.0;
        Walk(expected, actual, "output");
        return largest;

        void Walk(OnnxExpression left, OnnxExpression right, string path)
        {
            if (!seen.Add((left, right)))
                return;
            Assert.True(left.Operation == right.Operation, $"{path}: {left.Operation} is expected, but {right.Operation} stands there");
            Assert.True(left.Attributes == right.Attributes, $"{path}: {left.Operation} has '{right.Attributes}', expected '{left.Attributes}'");
            Assert.True(left.Values.Length == right.Values.Length, $"{path}: {right.Values.Length} values, expected {left.Values.Length}");
            for (var i = 0; i < left.Values.Length; i++)
            {
                var error = Math.Abs(left.Values[i] - right.Values[i]) / Math.Max(1e-30, Math.Abs(left.Values[i]));
                Assert.True(error <= tolerance, $"{path}: value {i} is {right.Values[i]:G9}, expected {left.Values[i]:G9}");
                largest = Math.Max(largest, error);
            }

            Assert.True(left.Inputs.Length == right.Inputs.Length, $"{path}: {right.Inputs.Length} inputs, expected {left.Inputs.Length}");
            for (var i = 0; i < left.Inputs.Length; i++)
                Walk(left.Inputs[i], right.Inputs[i], $"{path} < {left.Operation}[{i}]");
        }
    }

    private static OnnxExpression Normal(NodeProto node, OnnxExpression[] inputs)
    {
        switch (node.OpType)
        {
            case "Constant":
                return Constant(node.Attribute.Single(attribute => attribute.Name == "value").T);
            case "Cast" when inputs[0].Operation == "constant":
                return new("constant", $"{(DataType)node.Attribute.Single().I}") { Values = inputs[0].Values };
            case "QuantizeLinear" when inputs[0].Operation == "constant":
                return Quantized(inputs[0].Values, inputs[1].Values, inputs[2]);
            case "Flatten" when inputs[0] is { Operation: "DequantizeLinear" } back && back.Inputs[0] is { Operation: "QuantizeLinear" } into && into.Inputs[1].Values.Length == 1:
                var flat = new OnnxExpression("QuantizeLinear", into.Attributes, new OnnxExpression("Flatten", AttributesOf(node, inputs), into.Inputs[0]), into.Inputs[1], into.Inputs[2]);
                return new("DequantizeLinear", back.Attributes, flat, back.Inputs[1], back.Inputs[2]);
            default:
                return new(node.OpType, AttributesOf(node, inputs), inputs);
        }
    }

    // The axis of weights is 0: their first dimension has as many values as the scale.
    private static OnnxExpression Quantized(double[] values, double[] scales, OnnxExpression zeroPoint)
    {
        var perScale = values.Length / scales.Length;
        var (low, high) = zeroPoint.Attributes == "Uint8" ? (0, 255) : (-128, 127);
        return new("constant", zeroPoint.Attributes)
        {
            Values = [.. values.Select((value, i) => (double)Math.Clamp(
                MathF.Round((float)value / (float)scales[i / perScale], MidpointRounding.ToEven) + (float)zeroPoint.Values[scales.Length == 1 ? 0 : i / perScale], low, high))],
        };
    }

    private static string AttributesOf(NodeProto node, OnnxExpression[] inputs) => string.Join("; ", node.Attribute
        .Where(attribute => attribute.Name != "momentum" && !(attribute.Name == "axis" && node.OpType.EndsWith("quantizeLinear", StringComparison.OrdinalIgnoreCase) && inputs[1].Values.Length == 1))
        .Select(attribute => (attribute.Name, Value: Text(attribute)))
        .Where(attribute => attribute.Value != Defaults.GetValueOrDefault($"{node.OpType}.{attribute.Name}") && !(attribute.Name == "dilations" && attribute.Value.All(letter => letter is '1' or ' ')))
        .OrderBy(attribute => attribute.Name, StringComparer.Ordinal)
        .Select(attribute => $"{attribute.Name} {attribute.Value}"));

    private static string Text(AttributeProto attribute) => attribute.Ints.Count > 0 ? string.Join(' ', attribute.Ints)
        : attribute.Type == AttributeProto.Types.AttributeType.Float ? attribute.F.ToString("G7", CultureInfo.InvariantCulture)
        : attribute.I.ToString(CultureInfo.InvariantCulture);

    private static OnnxExpression Constant(TensorProto tensor)
    {
        var raw = tensor.RawData.Span;
        double[] values = (DataType)tensor.DataType switch
        {
            DataType.Float => raw.IsEmpty ? [.. tensor.FloatData.Select(value => (double)value)] : [.. MemoryMarshal.Cast<byte, float>(raw).ToArray().Select(value => (double)value)],
            DataType.Int8 => raw.IsEmpty ? [.. tensor.Int32Data.Select(value => (double)value)] : [.. MemoryMarshal.Cast<byte, sbyte>(raw).ToArray().Select(value => (double)value)],
            DataType.Uint8 => raw.IsEmpty ? [.. tensor.Int32Data.Select(value => (double)value)] : [.. raw.ToArray().Select(value => (double)value)],
            DataType.Int32 => raw.IsEmpty ? [.. tensor.Int32Data.Select(value => (double)value)] : [.. MemoryMarshal.Cast<byte, int>(raw).ToArray().Select(value => (double)value)],
            DataType.Int64 => raw.IsEmpty ? [.. tensor.Int64Data.Select(value => (double)value)] : [.. MemoryMarshal.Cast<byte, long>(raw).ToArray().Select(value => (double)value)],
            var type => throw new InvalidDataException($"A constant of type {type} is not read here."),
        };
        return new("constant", $"{(DataType)tensor.DataType}") { Values = values };
    }
}
