using System.Collections.Immutable;
using Google.Protobuf;
using SparseGrid.Compression.Onnx.Schema;

namespace SparseGrid.Compression.Onnx;

/// <summary>Reads an exported file back and counts the zeros of its weights: what the runtime will get, not what was meant to be written.</summary>
public static class ExportedSparsity
{
    /// <summary>The weight of every convolution and matrix product in the file, in file order; those computed at run time are left out.</summary>
    /// <exception cref="InvalidDataException">The bytes are no ONNX file, or a weight's values are not in it.</exception>
    public static ImmutableArray<ExportedLayer> Of(byte[] onnx)
    {
        var graph = Parse(onnx).Graph;
        var constants = graph.Initializer.ToDictionary(tensor => tensor.Name);
        var producers = graph.Node.SelectMany(node => node.Output.Select(output => (output, node))).ToDictionary(pair => pair.output, pair => pair.node);

        var layers = ImmutableArray.CreateBuilder<ExportedLayer>();
        foreach (var node in graph.Node.Where(node => node.OpType is "Conv" or "Gemm" or "MatMul" && node.Input.Count > 1))
        {
            if (StoredWeight.Find(node.Input[1], constants, producers) is { } weight)
                layers.Add(LayerOf(node, weight));
        }

        return layers.ToImmutable();
    }

    internal static ModelProto Parse(byte[] onnx)
    {
        try
        {
            var model = ModelProto.Parser.ParseFrom(onnx);
            if (model.Graph is not null)
                return model;
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new InvalidDataException($"These {onnx.Length} bytes are no ONNX file: {exception.Message}", exception);
        }

        throw new InvalidDataException($"These {onnx.Length} bytes hold no ONNX graph; is it another kind of file, or cut short?");
    }

    private static ExportedLayer LayerOf(NodeProto node, StoredWeight weight)
    {
        long[] shape = [.. weight.Tensor.Dims];
        var zero = weight.Zeros();
        var transposed = node.OpType == "Gemm" && node.Attribute.Any(attribute => attribute.Name == "transB" && attribute.I != 0);
        var axis = node.OpType == "Conv" || transposed ? 1 : shape.Length - 2;   // the one that products are summed along
        return new(node.Name, string.Join('x', shape), zero.Length, zero.LongCount(isZero => isZero), axis >= 0 && GroupsHoldTwoZeros(zero, shape, axis));
    }

    /// <summary>True where each four neighbours along an axis, starting at a multiple of four, hold at least two zeros.</summary>
    private static bool GroupsHoldTwoZeros(bool[] zero, long[] shape, int axis)
    {
        var length = shape[axis];
        if (length % 4 != 0)
            return false;

        var inner = shape.Skip(axis + 1).Aggregate(1L, (product, size) => product * size);
        var outer = zero.Length / (length * inner);
        for (var o = 0L; o < outer; o++)
        {
            for (var group = 0L; group < length; group += 4)
            {
                for (var i = 0L; i < inner; i++)
                {
                    var zeros = 0;
                    for (var member = 0; member < 4; member++)
                        zeros += zero[(o * length + group + member) * inner + i] ? 1 : 0;
                    if (zeros < 2)
                        return false;
                }
            }
        }

        return true;
    }
}
