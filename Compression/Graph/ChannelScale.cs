namespace SparseGrid.Compression.Graph;

/// <summary>y = x·factor + shift with fixed numbers [C], as networks have them that normalize their images themselves. Not trained.</summary>
public sealed record ChannelScale(string Name, string From, string To, int Channels) : Node(Name, [From], [To])
{
    /// <summary>Name of the factors.</summary>
    public string FactorName => $"{Name}.factor";

    /// <summary>Name of the shifts.</summary>
    public string ShiftName => $"{Name}.shift";

    /// <inheritdoc/>
    public override IEnumerable<ParameterShape> Parameters => [new(FactorName, [Channels], Trained: false), new(ShiftName, [Channels], Trained: false)];
}
