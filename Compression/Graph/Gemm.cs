namespace SparseGrid.Compression.Graph;

/// <summary>Fully connected layer: y = x·Wᵀ + b with weight [K, C] and optional bias [K].</summary>
public sealed record Gemm(string Name, string From, string To, int InFeatures, int OutFeatures, bool HasBias = true)
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
            yield return new(WeightName, [OutFeatures, InFeatures]);
            if (HasBias)
                yield return new(BiasName, [OutFeatures]);
        }
    }
}
