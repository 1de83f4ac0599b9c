using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Runtimes.Float16;

/// <summary>A convolution with the ReLU behind it, and perhaps an add between them, which cuDNN computes in one call.</summary>
/// <param name="Residual">The other operand of the add; null for none.</param>
/// <param name="Last">The ReLU: the call stands at its place, where the other operand is there too.</param>
internal sealed record ConvolutionFusion(Conv Conv, string? Residual, Node Last)
{
    /// <summary>The nodes whose work the call does before <see cref="Last"/>.</summary>
    public IEnumerable<string> Inside(LayerGraph graph) => Residual is null ? [Conv.Name] : [Conv.Name, graph.ConsumersOf(Conv.Output).Single().Name];

    /// <summary>Every fusion of a graph that has no normalization to fold; a convolution is in one at most, and so is an add.</summary>
    public static IReadOnlyList<ConvolutionFusion> Of(LayerGraph graph)
    {
        var found = new List<ConvolutionFusion>();
        var taken = new HashSet<string>();
        foreach (var conv in graph.Nodes.OfType<Conv>())
        {
            if (Only(graph, conv.Output) is Relu relu)
                found.Add(new(conv, null, relu));
            // Of two convolutions that are added one can take the other's output.
            else if (Only(graph, conv.Output) is Add add && add.Left != add.Right && Only(graph, add.Output) is Relu behind && taken.Add(add.Name))
                found.Add(new(conv, add.Left == conv.Output ? add.Right : add.Left, behind));
        }

        return found;
    }

    private static Node? Only(LayerGraph graph, string tensor) => tensor != graph.OutputName && graph.ConsumersOf(tensor).ToArray() is [var only] ? only : null;
}
