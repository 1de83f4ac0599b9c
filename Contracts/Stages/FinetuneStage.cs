using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Trains on from given weights; masks stay, and with ranges the training is quantization-aware. Takes: weights, masks?, ranges?. Makes:
/// weights.</summary>
/// <param name="Quantize">How fake quantization runs; null trains in FP32.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.finetune")]
public sealed record FinetuneStage(TrainSettings Settings, QuantizeSettings? Quantize) : Stage
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "finetune";
}
