namespace SparseGrid.Compression.Modules;

/// <summary>The rule of grouped convolutions.</summary>
internal static class ChannelGroups
{
    /// <summary>Channels of one group of those that are divided: divided / groups.</summary>
    /// <exception cref="ArgumentException">A number is not positive, or one of the two does not divide by the groups.</exception>
    public static int Of(int divided, int other, int groups) =>
        divided < 1 || other < 1 || groups < 1 || divided % groups != 0 || other % groups != 0
            ? throw new ArgumentException($"{divided} and {other} channels in {groups} groups: each number is at least 1, and the channels divide by the groups.", nameof(groups))
            : divided / groups;
}
