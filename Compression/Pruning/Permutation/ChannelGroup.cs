using System.Collections.Immutable;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>Channels that are reordered together or not at all: what the producers write is what the consumers read, through every node between them.</summary>
/// <param name="Name">Name of the first node that makes these channels: layer1.0.conv1.</param>
/// <param name="Channels">Length of the permutation; arrays whose axis is a multiple of it hold it repeated.</param>
/// <param name="Producers">Nodes that make these channels (coparents), in graph order.</param>
/// <param name="Consumers">Convolutions and fully connected layers that read them (siblings), in graph order.</param>
/// <param name="Arrays">Every array that a permutation reorders.</param>
/// <param name="Obstacle">Why these channels cannot be reordered; empty where they can.</param>
public sealed record ChannelGroup(
    string Name, int Channels, ImmutableArray<string> Producers, ImmutableArray<string> Consumers, ImmutableArray<ChannelAxis> Arrays, string Obstacle);
