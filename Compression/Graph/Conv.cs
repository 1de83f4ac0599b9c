namespace SparseGrid.Compression.Graph;

/// <summary>2-D convolution: weight [K, C / groups, R, S], optional bias [K].</summary>
public sealed record Conv(string Name, string From, string To, int InChannels, int OutChannels, Window Window, int Groups = 1, bool HasBias = false)
    : Node(Name, [From], [To]), IWeightedNode
{
    /// <inheritdoc/>
    public string WeightName => $"{Name}.weight";

    /// <summary>Name of the bias.</summary>
    public string BiasName => $"{Name}.bias";

    /// <inheritdoc/>
    public override IEnumerable<ParameterShape> Parameters
    {
        get
        {
            yield return new(WeightName, [OutChannels, InChannels / Groups, Window.KernelHeight, Window.KernelWidth]);
            if (HasBias)
                yield return new(BiasName, [OutChannels]);
        }
    }
}
