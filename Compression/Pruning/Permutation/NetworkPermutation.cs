using System.Collections.Immutable;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>The permutations of a network's groups of channels. Applied to its weights they change nothing that it computes, but which weights share a group of
/// four.</summary>
/// <param name="Groups">Every group, in graph order; refused ones with the reason.</param>
/// <param name="Layers">Every pruned layer, in graph order.</param>
public sealed record NetworkPermutation(ImmutableArray<GroupPermutation> Groups, ImmutableArray<LayerMagnitude> Layers)
{
    /// <summary>The group of that name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public GroupPermutation this[string name] => Groups.FirstOrDefault(group => group.Group.Name == name)
        ?? throw new ArgumentException($"No group of channels is named '{name}'; there are {string.Join(", ", Groups.Select(group => group.Group.Name))}.", nameof(name));

    /// <summary>The permutations that undo these; figures stay those of the search.</summary>
    public NetworkPermutation Inverted() => this with { Groups = [.. Groups.Select(group => group with { Permutation = group.Permutation?.Inverted() })] };

    /// <summary>The reordered weights; arrays that no permutation touches are the same objects.</summary>
    /// <exception cref="ArgumentException">An array is missing, or its axis is no multiple of the group's channels.</exception>
    public ImmutableSortedDictionary<string, HostArray> Apply(IReadOnlyDictionary<string, HostArray> weights)
    {
        var permuted = weights.ToImmutableSortedDictionary(StringComparer.Ordinal).ToBuilder();
        foreach (var group in Groups)
        {
            if (group.Permutation is not { } permutation)
                continue;
            foreach (var axis in group.Group.Arrays)
            {
                if (!permuted.TryGetValue(axis.Parameter, out var array))
                    throw new ArgumentException($"The weights have no '{axis.Parameter}', which the permutation of {group.Group.Name} reorders.", nameof(weights));
                permuted[axis.Parameter] = Reordered(array, axis, permutation);
            }
        }

        return permuted.ToImmutable();
    }

    // The permutation repeated along the axis: place p of repetition r is taken by channel Source[p] of the same repetition.
    private static HostArray Reordered(HostArray array, ChannelAxis axis, ChannelPermutation permutation)
    {
        var unit = permutation.Source.Length;
        if (array.Shape.Length <= axis.Axis || array.Shape[axis.Axis] % unit != 0)
        {
            throw new ArgumentException(
                $"'{axis.Parameter}' has shape [{string.Join(", ", array.Shape)}], but a permutation of {unit} channels runs along its axis {axis.Axis}.", nameof(array));
        }

        var channels = (int)array.Shape[axis.Axis];
        var outer = (int)array.Shape.Take(axis.Axis).Aggregate(1L, (product, size) => product * size);
        var from = array.Bytes.Span;
        var to = new byte[from.Length];
        var inner = from.Length / Math.Max(1, outer * channels);
        for (var block = 0; block < outer; block++)
        {
            for (var place = 0; place < channels; place++)
            {
                var channel = place - place % unit + permutation.Source[place % unit];
                from.Slice((block * channels + channel) * inner, inner).CopyTo(to.AsSpan((block * channels + place) * inner));
            }
        }

        return array with { Bytes = to };
    }
}
