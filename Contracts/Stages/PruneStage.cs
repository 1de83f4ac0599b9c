using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Makes the eligible weights sparse. Takes: weights. Makes: weights, masks.</summary>
/// <param name="Pattern">Which weights stay, by magnitude: m4n2_1d, m4n2_2d_greedy, m4n2_2d_best, or mMnN_1d, which keeps N of every M input channels.</param>
/// <param name="Exclude">Patterns of the layers that stay dense, sorted and joined by commas; null for none.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.prune")]
public sealed record PruneStage(string Pattern, string? Exclude = null) : Stage
{
    /// <summary>Both parameters in one.</summary>
    [JsonIgnore]
    public PruneSettings Settings => new(Pattern, Exclude);

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "prune";
}
