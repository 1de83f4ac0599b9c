using System.Collections.Immutable;
using Google.Protobuf;
using SparseGrid.Compression.Onnx.Schema;
using SparseGrid.Compression.Pruning;

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
            if (StoredWeight.Find(node.Input[1], constants, producers) is { Tensor.Dims.Count: >= 2 } weight)
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
        var transposed = node.OpType == "Gemm" && node.Attribute.Any(attribute => attribute.Name == "transB" && attribute.I != 0);
        var axis = node.OpType == "Conv" || transposed ? 1 : shape.Length - 2;   // the one that products are summed along
        var (weights, zeros, valid) = GroupsOfFour.Check<byte>(weight.Used(), shape, axis);
        return new(node.Name, string.Join('x', shape), weights, zeros, valid);
    }
}
