using System.Collections.Immutable;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage prune: 2:4 masks of the eligible layers, applied to the weights at once.</summary>
internal static class PruneRunner
{
    /// <summary>Makes masks and masked weights.</summary>
    public static StageOutput Run(StageWork work, PruneStage stage)
    {
        if (stage.Pattern != "m4n2_1d")
            throw new StageFailedException($"prune.pattern is '{stage.Pattern}', which this silo cannot make; it makes m4n2_1d.");

        var weights = work.Arrays("weights").ToBuilder();
        var masks = ImmutableSortedDictionary.CreateBuilder<string, HostArray>(StringComparer.Ordinal);
        var notes = ImmutableArray.CreateBuilder<string>();
        var (kept, total) = (0L, 0L);
        foreach (var layer in Eligibility.Of(work.Graph))
        {
            if (!layer.Eligible)
            {
                notes.Add($"{layer.Node} ({layer.Shape}) stays dense: {layer.Reason}.");
                continue;
            }

            var weight = weights[layer.WeightName];
            var mask = TwoFourMask.Of(weight);
            var masked = weight.Floats.ToArray();
            for (var i = 0; i < masked.Length; i++)
                masked[i] = mask.UnsignedBytes[i] == 1 ? masked[i] : 0;
            masks[layer.WeightName] = mask;
            weights[layer.WeightName] = HostArray.Of(masked, weight.Shape.AsSpan());
            kept += mask.UnsignedBytes.ToArray().Sum(value => (long)value);
            total += mask.Count;
        }

        if (total == 0)
            throw new StageFailedException($"No layer of {work.Graph.Name} can be pruned; the first of {notes.Count}: {notes[0]} Choose a wider network.");
        return new(
            ImmutableSortedDictionary<string, string>.Empty
                .Add("weights", work.Artifacts.Put(SafeTensors.Write(weights)))
                .Add("masks", work.Artifacts.Put(SafeTensors.Write(masks))),
            ImmutableSortedDictionary<string, double>.Empty.Add("mask_sparsity", 1 - (double)kept / total).Add("layers_pruned", masks.Count),
            notes.ToImmutable());
    }
}
