using System.Collections.Immutable;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>A new order of C channels: place p is taken by channel Source[p], so result = matrix[:, Source].</summary>
public sealed record ChannelPermutation
{
    /// <summary>The permutation that an order stands for.</summary>
    /// <exception cref="ArgumentException">The order is no bijection of 0 … C − 1; the message names the place.</exception>
    public ChannelPermutation(ImmutableArray<int> source)
    {
        var taken = new bool[source.Length];
        for (var place = 0; place < source.Length; place++)
        {
            var channel = source[place];
            if (channel < 0 || channel >= source.Length)
                throw new ArgumentException($"Place {place} takes channel {channel}, but the {source.Length} channels are 0 to {source.Length - 1}.", nameof(source));
            if (taken[channel])
                throw new ArgumentException($"Place {place} takes channel {channel}, which an earlier place has; each channel has one place.", nameof(source));
            taken[channel] = true;
        }

        Source = source;
    }

    /// <summary>The channel that each place takes.</summary>
    public ImmutableArray<int> Source { get; }

    /// <summary>True where nothing moves.</summary>
    public bool IsIdentity => Source.Select((channel, place) => channel == place).All(stays => stays);

    /// <summary>Leaves everything where it is.</summary>
    public static ChannelPermutation Identity(int channels) => new([.. Enumerable.Range(0, channels)]);

    /// <summary>The permutation that undoes this one.</summary>
    public ChannelPermutation Inverted()
    {
        var inverse = new int[Source.Length];
        for (var place = 0; place < inverse.Length; place++)
            inverse[Source[place]] = place;
        return new([.. inverse]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", Source)}]";

    /// <inheritdoc/>
    public bool Equals(ChannelPermutation? other) => other is not null && Source.SequenceEqual(other.Source);

    /// <inheritdoc/>
    public override int GetHashCode() => Source.Aggregate(Source.Length, HashCode.Combine);
}
