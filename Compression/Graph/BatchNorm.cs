namespace SparseGrid.Compression.Graph;

/// <summary>Batch normalization over [N, C, H, W]: y = (x − mean) / sqrt(var + ε)·weight + bias, each of shape [C].</summary>
/// <param name="Momentum">Share of the new batch in the running statistics, as PyTorch counts it.</param>
/// <remarks>Ioffe and Szegedy, arXiv:1502.03167, algorithm 1.</remarks>
public sealed record BatchNorm(string Name, string From, string To, int Channels, double Epsilon = 1e-5, double Momentum = 0.1)
    : Node(Name, [From], [To])
{
    /// <summary>Name of the scale γ.</summary>
    public string WeightName => $"{Name}.weight";

    /// <summary>Name of the shift β.</summary>
    public string BiasName => $"{Name}.bias";

    /// <summary>Name of the running mean.</summary>
    public string MeanName => $"{Name}.running_mean";

    /// <summary>Name of the running variance.</summary>
    public string VarianceName => $"{Name}.running_var";

    /// <inheritdoc/>
    public override IEnumerable<ParameterShape> Parameters =>
    [
        new(WeightName, [Channels]), new(BiasName, [Channels]),
        new(MeanName, [Channels], Trained: false), new(VarianceName, [Channels], Trained: false),
    ];
}
