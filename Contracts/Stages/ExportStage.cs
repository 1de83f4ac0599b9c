using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Writes the deployed file. Takes: weights, ranges?. Makes: onnx.</summary>
/// <param name="Opset">ONNX operator set, 13 or newer.</param>
/// <param name="BatchNorm">fold or keep.</param>
/// <param name="Quantize">How the quantized network is written; null exports FP32.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.export")]
public sealed record ExportStage(int Opset, string BatchNorm, QuantizeSettings? Quantize) : Stage
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "export";
}
