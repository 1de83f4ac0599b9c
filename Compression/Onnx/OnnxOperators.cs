using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx.Schema;

namespace SparseGrid.Compression.Onnx;

/// <summary>The ONNX operator of each node of a layer graph.</summary>
internal static class OnnxOperators
{
    /// <summary>Writes one node.</summary>
    /// <param name="from">Shape of its first input.</param>
    /// <param name="inputs">Its input tensors, then its parameters, in the operator's order.</param>
    /// <exception cref="NotSupportedException">The node has no operator in this version of the operator set.</exception>
    public static void Write(OnnxGraphWriter writer, Node node, ImageShape from, IEnumerable<string> inputs, string output)
    {
        string[] given = [.. inputs];
        switch (node)
        {
            case ChannelScale:
                // Numbers [C] meet [N, C, H, W] as [C, 1, 1].
                var scaled = writer.Node("Mul", $"{node.Name}.Mul", [given[0], given[1]], $"{output}.scaled");
                writer.Node("Add", node.Name, [scaled, given[2]], output);
                break;
            case ChannelShuffle shuffle:
                var apart = writer.Node("Reshape", $"{node.Name}.Reshape", [given[0], writer.Constant($"{node.Name}.apart", (ReadOnlySpan<long>)[0, shuffle.Groups, -1, from.Height, from.Width], 5)], $"{output}.apart");
                var mixed = writer.Node("Transpose", $"{node.Name}.Transpose", [apart], $"{output}.mixed", OnnxAttribute.Ints("perm", 0, 2, 1, 3, 4));
                writer.Node("Reshape", node.Name, [mixed, writer.Constant($"{node.Name}.together", (ReadOnlySpan<long>)[0, -1, from.Height, from.Width], 4)], output);
                break;
            case HardSwish when writer.Opset < 14:
                var gate = writer.Node("HardSigmoid", $"{node.Name}.HardSigmoid", given, $"{output}.gate", OnnxAttribute.Float("alpha", 1f / 6), OnnxAttribute.Float("beta", 0.5f));
                writer.Node("Mul", node.Name, [given[0], gate], output);
                break;
            default:
                var (operation, attributes) = Of(node, writer.Opset);
                writer.Node(operation, node.Name, [.. given, .. Bounds(writer, node)], output, attributes);
                break;
        }
    }

    // What newer operator sets take as inputs where older ones had attributes.
    private static IEnumerable<string> Bounds(OnnxGraphWriter writer, Node node)
    {
        string Numbers(string role, params ReadOnlySpan<long> values) => writer.Constant($"{node.Name}.{role}", values, values.Length);
        return node switch
        {
            Clip clip => [float.IsFinite(clip.Min) ? writer.Constant($"{node.Name}.min", [clip.Min]) : "", .. float.IsFinite(clip.Max) ? (string[])[writer.Constant($"{node.Name}.max", [clip.Max])] : []],
            ChannelSlice slice => [Numbers("starts", slice.Start), Numbers("ends", slice.Start + slice.Count), Numbers("axes", 1)],
            Unflatten => [Numbers("shape", 0, -1, 1, 1)],
            _ => [],
        };
    }

    private static (string Operation, AttributeProto[] Attributes) Of(Node node, int opset) => node switch
    {
        Conv conv => ("Conv", [.. Slide(conv.Window, dilations: true), OnnxAttribute.Int("group", conv.Groups)]),
        Gemm => ("Gemm", [OnnxAttribute.Int("transB", 1)]),
        BatchNorm norm => ("BatchNormalization", [OnnxAttribute.Float("epsilon", (float)norm.Epsilon)]),
        Relu => ("Relu", []),
        Add => ("Add", []),
        MaxPool pool => ("MaxPool", Slide(pool.Window, dilations: true)),
        AveragePool { Window: var window } when opset < 19 && (window.DilationHeight, window.DilationWidth) != (1, 1) => throw new NotSupportedException(
            $"Node '{node.Name}' is a dilated average pool, which ONNX has from opset 19 on, and opset is {opset}; export with opset 19 or newer."),
        AveragePool pool => ("AveragePool",
            [.. Slide(pool.Window, dilations: opset >= 19), OnnxAttribute.Int("count_include_pad", pool.CountPadding ? 1 : 0)]),
        GlobalAveragePool => ("GlobalAveragePool", []),
        Flatten => ("Flatten", [OnnxAttribute.Int("axis", 1)]),
        Concat => ("Concat", [OnnxAttribute.Int("axis", 1)]),
        Clip => ("Clip", []),
        Sigmoid => ("Sigmoid", []),
        HardSigmoid gate => ("HardSigmoid", [OnnxAttribute.Float("alpha", gate.Slope), OnnxAttribute.Float("beta", gate.Shift)]),
        HardSwish => ("HardSwish", []),
        Mul => ("Mul", []),
        ChannelSlice => ("Slice", []),
        Unflatten => ("Reshape", []),
        _ => throw new NotSupportedException($"Node '{node.Name}' is a {node.GetType().Name}, for which no ONNX operator is known here."),
    };

    private static AttributeProto[] Slide(Window window, bool dilations)
    {
        AttributeProto[] attributes =
        [
            OnnxAttribute.Ints("kernel_shape", window.KernelHeight, window.KernelWidth),
            OnnxAttribute.Ints("strides", window.StrideHeight, window.StrideWidth),
            OnnxAttribute.Ints("pads", window.PadTop, window.PadLeft, window.PadBottom, window.PadRight),
        ];
        return dilations ? [.. attributes, OnnxAttribute.Ints("dilations", window.DilationHeight, window.DilationWidth)] : attributes;
    }
}
