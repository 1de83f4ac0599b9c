using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Makes the eligible weights sparse. Takes: weights. Makes: weights, masks.</summary>
/// <param name="Pattern">2:4 by magnitude along the input channels: m4n2_1d.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.prune")]
public sealed record PruneStage(string Pattern) : Stage
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "prune";
}
