using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Randomness;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>Searches the permutations of a network's channels under which 2:4 pruning of its layers keeps most of their magnitude.</summary>
/// <remarks>
/// Of each group the weights of the consumers that will be pruned stand one below the other as one matrix, in the layout of the pruning pattern m4n2_1d; consumers
/// that stay dense follow what is found. As apex.contrib.sparsity does it, with the same reasons for leaving a group alone.
/// </remarks>
public static class NetworkPermutationSearch
{
    private const int LeastChannels = 8;
    private const double AlreadyPruned = 1e-3;

    /// <summary>Finds the permutations; <see cref="NetworkPermutation.Apply"/> makes the weights.</summary>
    /// <param name="weights">Every array of the network; float32.</param>
    /// <param name="seed">With a group's name the source of its draws.</param>
    /// <param name="layers">The layers that will be pruned; null takes those of <see cref="Eligibility"/>.</param>
    /// <param name="progress">Told how many groups of how many are done.</param>
    /// <exception cref="ArgumentException">A layer is unknown, a weight is missing or not of its shape, or a weight is NaN or infinite; the message names it.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static NetworkPermutation Find(
        LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, PermutationOptions options, long seed, IReadOnlySet<string>? layers = null,
        Action<int, int>? progress = null, CancellationToken stop = default)
    {
        var pruned = Pruned(graph, layers);
        var groups = ChannelGroups.Of(graph);
        var columns = groups.Where(group => group.Channels % 4 == 0)
            .SelectMany(group => group.Consumers.Select(layer => (layer, group.Channels))).ToDictionary(consumer => consumer.layer, consumer => consumer.Channels);
        var magnitudes = new Dictionary<string, ColumnMagnitudes>();
        foreach (var node in graph.WeightedNodes.Where(node => pruned.Contains(node.Name)))
        {
            var weight = WeightOf(node, weights);
            if (weight.Shape[1] % 4 == 0)
                magnitudes[node.Name] = ColumnMagnitudes.OfWeight(((IWeightedNode)node).WeightName, weight, columns.GetValueOrDefault(node.Name, (int)weight.Shape[1]));
        }

        var found = ImmutableArray.CreateBuilder<GroupPermutation>(groups.Length);
        foreach (var group in groups)
        {
            stop.ThrowIfCancellationRequested();
            found.Add(Search(group, [.. group.Consumers.Where(pruned.Contains)], magnitudes, options, new(seed, $"permute {group.Name}"), stop));
            progress?.Invoke(found.Count, groups.Length);
        }

        var all = found.MoveToImmutable();
        return new(all, [.. magnitudes.Select(layer => Of(layer.Key, layer.Value, all))]);
    }

    private static GroupPermutation Search(
        ChannelGroup group, ImmutableArray<string> searched, Dictionary<string, ColumnMagnitudes> magnitudes, PermutationOptions options, CounterRandom random,
        CancellationToken stop)
    {
        var reason = group switch
        {
            { Obstacle.Length: > 0 } => group.Obstacle,
            { Channels: var channels } when channels % 4 != 0 => $"C is {channels}, not a multiple of 4",
            { Channels: < LeastChannels } => $"C is {group.Channels}: one group of four has nothing to exchange with",
            _ when searched.IsEmpty => "no layer that reads these channels is pruned",
            _ => "",
        };
        if (reason.Length > 0)
            return new(group, searched, null, reason, 0, 0, 0, 0);

        var matrix = ColumnMagnitudes.Stack([.. searched.Select(layer => magnitudes[layer])]);
        var total = matrix.Total;
        var kept = matrix.Kept([.. Enumerable.Range(0, matrix.Columns)]);
        if (total == 0)
            return new(group, searched, null, "all weights that read these channels are 0", 0, 0, 0, 0);
        if ((total - kept) / total < AlreadyPruned)
            return new(group, searched, null, "2:4 pruning takes next to nothing away: the weights are 2:4 already", total, kept, kept, 0);

        var (permutation, before, after) = PermutationSearch.Find(matrix, options, random, stop);
        var efficacy = KeptMagnitude.Efficacy(total - matrix.KeptByRows(), total - before, total - after);
        return permutation.IsIdentity
            ? new(group, searched, null, "no order was found that keeps more", total, before, before, efficacy)
            : new(group, searched, permutation, "", total, before, after, efficacy);
    }

    private static LayerMagnitude Of(string layer, ColumnMagnitudes magnitudes, IEnumerable<GroupPermutation> groups)
    {
        var before = magnitudes.Kept([.. Enumerable.Range(0, magnitudes.Columns)]);
        var order = groups.FirstOrDefault(group => group.Searched.Contains(layer))?.Permutation;
        return new(layer, magnitudes.Total, before, order is null ? before : magnitudes.Kept(order.Source.AsSpan()));
    }

    private static IReadOnlySet<string> Pruned(LayerGraph graph, IReadOnlySet<string>? layers)
    {
        if (layers is null)
            return Eligibility.Of(graph).Where(layer => layer.Eligible).Select(layer => layer.Node).ToHashSet();

        var known = graph.WeightedNodes.Select(node => node.Name).ToArray();
        return layers.FirstOrDefault(layer => !known.Contains(layer)) is { } unknown
            ? throw new ArgumentException($"'{unknown}' is no layer of {graph.Name} that can be pruned; those are {string.Join(", ", known)}.", nameof(layers))
            : layers;
    }

    private static HostArray WeightOf(Node node, IReadOnlyDictionary<string, HostArray> weights)
    {
        var shape = node.Parameters.First(parameter => parameter.Name == ((IWeightedNode)node).WeightName);
        if (!weights.TryGetValue(shape.Name, out var weight))
            throw new ArgumentException($"The weights have no '{shape.Name}', which the layer {node.Name} needs.", nameof(weights));
        return weight.Type == ElementType.F32 && weight.Shape.SequenceEqual(shape.Shape)
            ? weight
            : throw new ArgumentException(
                $"'{shape.Name}' is {weight.Type} [{string.Join(", ", weight.Shape)}], but the layer {node.Name} has F32 [{string.Join(", ", shape.Shape)}].", nameof(weights));
    }
}
