using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx;

/// <summary>Walks a graph once and writes each node; a quantized form adds what stands between the nodes.</summary>
internal sealed class LayerGraphWriter(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, ExportOptions options, QuantizedForm? quantized)
{
    private readonly OnnxGraphWriter writer = new(options.Opset, graph.Metadata?.BatchName);

    public byte[] Write()
    {
        var shapes = GraphShapes.Of(graph);
        var image = shapes[graph.InputName];
        writer.Input(graph.InputName, options.Batch, image.Channels, image.Height, image.Width);
        quantized?.WriteQuantizer(writer, graph.InputName);

        foreach (var node in graph.Nodes)
        {
            var inputs = node.Inputs.Select(tensor => quantized?.Read(node, tensor) ?? tensor).ToList();
            inputs.AddRange(Parameters(node));
            OnnxOperators.Write(writer, node, shapes[node.Input], inputs, quantized?.Written(node.Output) ?? node.Output);
            quantized?.WriteQuantizer(writer, node.Output);
        }

        var scores = shapes[graph.OutputName];
        if (IsVector(graph.OutputName))
            writer.Output(graph.OutputName, options.Batch, scores.Count);
        else
            writer.Output(graph.OutputName, options.Batch, scores.Channels, scores.Height, scores.Width);

        return writer.Bytes(graph.Name, graph.Metadata, quantized?.Dialect.Name);
    }

    private string[] Parameters(Node node) =>
        node is IWeightedNode && quantized?.WriteParameters(writer, node) is { } names
            ? names
            : node.Parameters.Select(parameter => writer.Constant(
                parameter.Name, weights.Of(parameter).Floats,
                // Numbers [C] meet [N, C, H, W] as [C, 1, 1].
                node is ChannelScale && !IsVector(node.Input) ? [parameter.Shape[0], 1, 1] : parameter.Shape.AsSpan())).ToArray();

    /// <summary>True where a tensor is [N, features]: below a flatten or a fully connected layer.</summary>
    private bool IsVector(string tensor) => graph.ProducerOf(tensor) switch
    {
        null or Conv or MaxPool or AveragePool or GlobalAveragePool or Unflatten => false,
        Flatten or Gemm => true,
        var node => IsVector(node.Input),
    };
}
