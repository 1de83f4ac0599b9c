using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>Tensors whose channels are one, found by joining them two at a time.</summary>
internal sealed class ChannelClasses(IReadOnlyDictionary<string, ImageShape> shapes)
{
    private readonly Dictionary<string, ChannelClass> byTensor = [];

    /// <summary>The classes, in the order of their first tensor.</summary>
    public IEnumerable<ChannelClass> All => byTensor.Values.Distinct().OrderBy(found => found.Rank);

    /// <summary>The class of a tensor.</summary>
    public ChannelClass Of(string tensor)
    {
        if (!byTensor.TryGetValue(tensor, out var found))
            byTensor[tensor] = found = new(byTensor.Count, shapes[tensor].Channels);
        return found;
    }

    /// <summary>Makes the channels of two tensors one; where their counts differ, their permutation has the greatest common divisor.</summary>
    public void Join(string tensor, string other)
    {
        var (into, from) = (Of(tensor), Of(other));
        if (into == from)
            return;
        if (from.Rank < into.Rank)
            (into, from) = (from, into);

        into.Take(from);
        foreach (var name in byTensor.Where(entry => entry.Value == from).Select(entry => entry.Key).ToArray())
            byTensor[name] = into;
    }

    /// <summary>Says why the channels of a tensor cannot be reordered.</summary>
    public void Forbid(string tensor, string reason)
    {
        if (!Of(tensor).Obstacles.Contains(reason))
            Of(tensor).Obstacles.Add(reason);
    }

    /// <summary>The channels of some tensors, all one.</summary>
    /// <param name="rank">Order of appearance.</param>
    internal sealed class ChannelClass(int rank, int unit)
    {
        public int Rank => rank;

        /// <summary>Length of the permutation.</summary>
        public int Unit { get; private set; } = unit;

        public List<string> Producers { get; } = [];

        public List<string> Consumers { get; } = [];

        public List<ChannelAxis> Arrays { get; } = [];

        public List<string> Obstacles { get; } = [];

        public void Divide(int channels)
        {
            var rest = Unit;
            while (channels != 0)
                (rest, channels) = (channels, rest % channels);
            Unit = rest;
        }

        public void Take(ChannelClass other)
        {
            Divide(other.Unit);
            Producers.AddRange(other.Producers);
            Consumers.AddRange(other.Consumers);
            Arrays.AddRange(other.Arrays);
            Obstacles.AddRange(other.Obstacles.Except(Obstacles));
        }
    }
}
