using System.Collections.Immutable;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage prune: masks of the eligible layers, applied to the weights at once.</summary>
internal static class PruneRunner
{
    /// <summary>Makes masks and masked weights.</summary>
    public static StageOutput Run(StageWork work, PruneStage stage)
    {
        var (weights, masks, layers) = MagnitudePruning.Of(work.Graph, work.Arrays("weights"), MaskPattern.Named(stage.Pattern), LayerChoice.Of(stage.Settings));
        var notes = layers.Where(layer => !layer.Eligible).Select(layer => $"{layer.Node} ({layer.Shape}) stays dense: {layer.Reason}.")
            .Concat(layers.Where(layer => layer.Eligible && !weights[layer.WeightName].Floats.ContainsAnyExcept(0f))
                .Select(layer => $"{layer.Node} ({layer.Shape}) is all zero: its mask follows the pattern's order of ties."))
            .ToImmutableArray();
        if (masks.IsEmpty)
            throw new StageFailedException($"No layer of {work.Graph.Name} can be pruned; the first of {notes.Length}: {notes[0]} Choose a wider network.");

        var kept = masks.Values.Sum(mask => mask.UnsignedBytes.ToArray().Sum(value => (long)value));
        return new(
            ImmutableSortedDictionary<string, string>.Empty
                .Add("weights", work.Artifacts.Put(SafeTensors.Write(weights)))
                .Add("masks", work.Artifacts.Put(SafeTensors.Write(masks))),
            ImmutableSortedDictionary<string, double>.Empty
                .Add("mask_sparsity", 1 - (double)kept / masks.Values.Sum(mask => mask.Count)).Add("layers_pruned", masks.Count),
            notes);
    }
}
