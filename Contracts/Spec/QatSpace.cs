using System.Collections.Immutable;
using System.Text.Json.Serialization;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Spec;

/// <summary>Variants quantized and then trained on with fake quantization, of every variant of the kinds in <paramref name="From"/>.</summary>
[GenerateSerializer, Immutable, Alias("sparsegrid.qat-space")]
public sealed record QatSpace(
    ImmutableArray<VariantKind> From, ImmutableArray<CalibrateSettings> Calibrate, ImmutableArray<TrainSettings> Finetune,
    ImmutableArray<QuantizeSettings> Quantize, ImmutableArray<ExportSettings> Exports)
{
    /// <summary>Variants of one parent.</summary>
    [JsonIgnore]
    public long Count => (long)Calibrate.Length * Finetune.Length * Quantize.Length * Exports.Length;
}
