using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Weights;

/// <summary>The tensors of a trained PyTorch model, whichever file they came in.</summary>
/// <param name="Source">What the file is called in messages.</param>
/// <param name="Arrays">Parameters, running statistics and whatever else is no mask, under the file's names without what DataParallel and torch.compile put in front of them.</param>
/// <param name="Masks">The masks of apex's ASP by the weight's name, U8 of the weight's shape, 1 keeps.</param>
/// <param name="Notes">What was left out or changed, in words.</param>
public sealed record StateDict(
    string Source, ImmutableSortedDictionary<string, HostArray> Arrays, ImmutableSortedDictionary<string, HostArray> Masks, ImmutableArray<string> Notes)
{
    /// <summary>The arrays as a graph's parameters: torchvision's and timm's ResNets for <see cref="ResNet.Build"/>, or the weights of any graph whose layers have the model's names.</summary>
    /// <exception cref="InvalidDataException">
    /// Arrays are missing, unexpected, of another shape, integers, or not finite. All of them are in the message, with shapes; nothing is loaded then.
    /// </exception>
    public LoadedWeights Into(LayerGraph graph) => new StateDictFit(this, graph).Loaded();
}
