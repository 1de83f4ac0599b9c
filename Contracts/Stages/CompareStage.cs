using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Finds the test images that the deployed file classifies otherwise than its dense FP32 ancestor. Takes: predictions_test,
/// baseline_predictions. Makes: flips.</summary>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.compare")]
public sealed record CompareStage : Stage
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "compare";
}
