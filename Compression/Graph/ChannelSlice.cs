namespace SparseGrid.Compression.Graph;

/// <summary>Channels Start to Start + Count − 1 of a tensor.</summary>
public sealed record ChannelSlice(string Name, string From, string To, int Start, int Count) : Node(Name, [From], [To]);
