using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Trains the network from its seeded initial weights, or on from those that it is given. Takes: weights where they were loaded. Makes: weights.</summary>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.train")]
public sealed record TrainStage(TrainSettings Settings) : Stage
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "train";
}
