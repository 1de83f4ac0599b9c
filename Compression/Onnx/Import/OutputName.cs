using SparseGrid.Compression.Onnx.Schema;

namespace SparseGrid.Compression.Onnx.Import;

/// <summary>Keeps the name of a network's output where the file's last node only hands a tensor on.</summary>
internal static class OutputName
{
    /// <summary>Lets the layer in front of an identity or dropout at the end write the output itself; does nothing where another node reads what it writes.</summary>
    public static void Keep(GraphProto graph)
    {
        while (graph.Output is [var output] && Writer(graph, output.Name) is { OpType: "Identity" or "Dropout", Input: [var handed, ..] } last
            && Writer(graph, handed) is { } layer && graph.Node.Sum(node => node.Input.Count(input => input == handed)) == 1)
        {
            layer.Output[layer.Output.IndexOf(handed)] = output.Name;
            graph.Node.Remove(last);
        }
    }

    private static NodeProto? Writer(GraphProto graph, string tensor) => graph.Node.FirstOrDefault(node => node.Output.Contains(tensor));
}
