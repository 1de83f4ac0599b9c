using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx.Schema;

namespace SparseGrid.Compression.Onnx;

/// <summary>The ONNX operator of each node of a layer graph.</summary>
internal static class OnnxOperators
{
    /// <summary>Writes one node.</summary>
    /// <param name="inputs">Its input tensors, then its parameters, in the operator's order.</param>
    /// <exception cref="NotSupportedException">The node has no operator in this version of the operator set.</exception>
    public static void Write(OnnxGraphWriter writer, Node node, IEnumerable<string> inputs, string output)
    {
        var (operation, attributes) = Of(node, writer.Opset);
        writer.Node(operation, node.Name, inputs, output, attributes);
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
