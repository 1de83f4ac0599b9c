using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx.Import;

/// <summary>A network that came from an ONNX file.</summary>
/// <param name="Graph">Its layers; tensors, parameters and nodes have the file's names where those are unique.</param>
/// <param name="Weights">A float32 array for every parameter of the graph.</param>
/// <param name="Batch">The number of images that the file fixes; null where it takes any.</param>
/// <param name="Notes">What was left out or changed, in words: a softmax at the end, weights that two layers shared.</param>
public sealed record ImportedNetwork(LayerGraph Graph, ImmutableSortedDictionary<string, HostArray> Weights, long? Batch, ImmutableArray<string> Notes)
{
    /// <summary>How the file is quantized; null for a file of floats. Weights that the file holds as integers are what these are worth.</summary>
    public ImportedQuantization? Quantization { get; init; }
}
