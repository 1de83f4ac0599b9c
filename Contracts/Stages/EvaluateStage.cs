using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Runs the deployed file on a split, beside the framework's model. Takes: onnx, weights, ranges?. Makes: predictions.</summary>
/// <param name="Split">validation or test.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.evaluate")]
public sealed record EvaluateStage(string Split, string Runtime, QuantizeSettings? Quantize) : Stage
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "evaluate";
}
