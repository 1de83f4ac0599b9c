using System.Collections.Immutable;
using System.Text.Json.Serialization;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Spec;

/// <summary>Variants quantized after training, of every variant of the kinds in <paramref name="From"/>.</summary>
[GenerateSerializer, Immutable, Alias("sparsegrid.ptq-space")]
public sealed record PtqSpace(
    ImmutableArray<VariantKind> From, ImmutableArray<CalibrateSettings> Calibrate, ImmutableArray<QuantizeSettings> Quantize,
    ImmutableArray<ExportSettings> Exports)
{
    /// <summary>Variants of one parent.</summary>
    [JsonIgnore]
    public long Count => (long)Calibrate.Length * Quantize.Length * Exports.Length;
}
