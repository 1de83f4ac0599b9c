namespace SparseGrid.Compression.Graph;

/// <summary>Channel g·(C / Groups) + i moves to i·Groups + g: what grouped convolutions keep apart is mixed.</summary>
/// <remarks>Zhang et al., "ShuffleNet", arXiv:1707.01083, section 3.1.</remarks>
public sealed record ChannelShuffle(string Name, string From, string To, int Groups) : Node(Name, [From], [To]);
