using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Times the deployed file alone on its device, interleaved with the dense FP32 baseline. Takes: onnx, baseline. Makes nothing but numbers.</summary>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.measure")]
public sealed record MeasureStage(MeasureSettings Settings) : Stage
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "measure";
}
