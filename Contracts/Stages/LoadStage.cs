using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Takes the weights of a network that the user brought, as the recipe's model names them; with new batch normalizations where it says so, whose
/// statistics are those of training images. Makes: weights.</summary>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.load")]
public sealed record LoadStage : Stage
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "load";
}
