using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Writes the deployed file. Takes: weights, ranges?. Makes: onnx.</summary>
/// <param name="Opset">ONNX operator set, 13 or newer.</param>
/// <param name="BatchNorm">fold or keep.</param>
/// <param name="Quantize">How the quantized network is written; null exports FP32.</param>
/// <param name="Prune">How the network was pruned, which the file is checked for; null for m4n2_1d of all layers, and where it was not.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.export")]
public sealed record ExportStage(int Opset, string BatchNorm, QuantizeSettings? Quantize, PruneSettings? Prune = null) : Stage
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "export";
}
