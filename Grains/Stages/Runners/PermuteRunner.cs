using System.Collections.Immutable;
using System.Globalization;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Pruning.Permutation;
using SparseGrid.Compression.Randomness;
using SparseGrid.Compression.Tensors;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage permute: channels in another order, so that pruning keeps more; the same network. One that is stopped runs again from its start.</summary>
internal static class PermuteRunner
{
    /// <summary>Makes the reordered weights and the permutations, with what each was worth.</summary>
    public static StageOutput Run(StageWork work, PermuteStage stage)
    {
        var recipe = work.Request.Recipe;
        var weights = work.Arrays("weights");
        var pruned = Eligibility.Of(work.Graph, MaskPattern.TwoFour, LayerChoice.Scope(stage.Exclude)).Where(layer => layer.Eligible).Select(layer => layer.Node).ToHashSet();
        var found = NetworkPermutationSearch.Find(
            work.Graph, weights, new(StrategyOf(stage.Search), stage.Escapes, stage.Tries, recipe.Numerics.Threads),
            (long)new CounterRandom(recipe.Seed, "permute").Bits(0), pruned, progress: (done, all) => work.Report(done, all, "groups"), stop: work.Stop);

        var reordered = found.Groups.Count(group => group.Permutation is not null);
        var total = found.Layers.Sum(layer => layer.Total);
        var (before, after) = (Share(found.Layers.Sum(layer => layer.KeptBefore), total), Share(found.Layers.Sum(layer => layer.KeptAfter), total));
        var numbers = ImmutableSortedDictionary<string, double>.Empty
            .Add("groups", found.Groups.Length).Add("groups_reordered", reordered).Add("kept_before", before).Add("kept_after", after)
            .AddRange(found.Layers.Select(layer => KeyValuePair.Create($"kept_before {layer.Layer}", Share(layer.KeptBefore, layer.Total))))
            .AddRange(found.Layers.Select(layer => KeyValuePair.Create($"kept_after {layer.Layer}", Share(layer.KeptAfter, layer.Total))));
        return new(
            ImmutableSortedDictionary<string, string>.Empty
                .Add("weights", work.Artifacts.Put(SafeTensors.Write(found.Apply(weights))))
                .Add("permutation", work.Artifacts.Put(PermutationFile.Write(found))),
            numbers, [.. Notes(found, reordered, before, after)]);
    }

    private static IEnumerable<string> Notes(NetworkPermutation found, int reordered, double before, double after)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{reordered} of {found.Groups.Length} groups of channels were reordered: 2:4 pruning keeps {100 * after:0.00} % of the pruned layers' magnitude, {100 * before:0.00} % without.");
        foreach (var group in found.Groups.Where(group => group.Permutation is null && !group.Searched.IsEmpty))
            yield return $"The channels that {group.Group.Name} makes and {string.Join(", ", group.Searched)} reads keep their order: {group.Reason}.";
    }

    private static PermutationStrategy StrategyOf(string search) => search switch
    {
        "exhaustive-8" => PermutationStrategy.StripePairs,
        "exhaustive-12" => PermutationStrategy.StripeTriples,
        "channel-swap" => PermutationStrategy.ChannelSwap,
        "progressive-swap" => PermutationStrategy.ProgressiveSwap,
        _ => throw new StageFailedException(
            $"permute.search is '{search}', which this silo does not know; it knows exhaustive-8, exhaustive-12, channel-swap and progressive-swap."),
    };

    // A layer of zeros loses nothing.
    private static double Share(double kept, double total) => total == 0 ? 1 : kept / total;
}
