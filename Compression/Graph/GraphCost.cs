namespace SparseGrid.Compression.Graph;

/// <summary>What one image costs: multiply-accumulates of convolutions and fully connected layers, and the number of trained values.</summary>
/// <param name="MultiplyAccumulates">Per image; a FLOP count is twice this.</param>
/// <param name="Parameters">Trained values; running statistics do not count.</param>
public sealed record GraphCost(long MultiplyAccumulates, long Parameters)
{
    /// <summary>Adds up the nodes of a graph.</summary>
    public static GraphCost Of(LayerGraph graph)
    {
        var shapes = GraphShapes.Of(graph);
        return new(
            graph.Nodes.Sum(node => MultiplyAccumulatesOf(node, shapes)),
            graph.Parameters.Where(parameter => parameter.Trained).Sum(parameter => parameter.Count));
    }

    /// <summary>Multiply-accumulates of one node for one image.</summary>
    public static long MultiplyAccumulatesOf(Node node, IReadOnlyDictionary<string, ImageShape> shapes) => node switch
    {
        Conv conv => (long)shapes[conv.Output].Count * (conv.InChannels / conv.Groups) * conv.Window.KernelHeight * conv.Window.KernelWidth,
        Gemm gemm => (long)gemm.InFeatures * gemm.OutFeatures,
        _ => 0,
    };
}
