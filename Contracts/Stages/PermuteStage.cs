using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Reorders channels so that pruning keeps more of the weights' magnitude; what the network computes stays. Takes: weights. Makes: weights,
/// permutation.</summary>
/// <param name="Search">exhaustive-8, exhaustive-12, channel-swap or progressive-swap.</param>
/// <param name="Escapes">Random exchanges out of a state that no step improves.</param>
/// <param name="Tries">Exchanges that the progressive swap tries.</param>
/// <param name="Exclude">Patterns of the layers that pruning leaves dense, sorted and joined by commas: their magnitude does not count. Null for none.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.permute")]
public sealed record PermuteStage(string Search, int Escapes, int Tries, string? Exclude = null) : Stage
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "permute";
}
