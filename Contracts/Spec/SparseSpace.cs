using System.Collections.Immutable;
using System.Text.Json.Serialization;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Spec;

/// <summary>Sparse variants of each dense one: a pattern, then fine-tuning.</summary>
/// <param name="Patterns">The patterns that are chosen among: m4n2_1d.</param>
/// <param name="Finetune">Every combination of the spec's choices.</param>
/// <param name="Exports">How the FP32 file is written.</param>
/// <param name="Prunings">Every combination where more than the pattern is set; null where each pattern stands alone.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.sparse-space")]
public sealed record SparseSpace(
    ImmutableArray<string> Patterns, ImmutableArray<TrainSettings> Finetune, ImmutableArray<ExportSettings> Exports, ImmutableArray<PruneSettings>? Prunings = null)
{
    /// <summary>The ways to prune.</summary>
    [JsonIgnore]
    public ImmutableArray<PruneSettings> Prune => Prunings ?? [.. Patterns.Select(pattern => new PruneSettings(pattern))];

    /// <summary>Variants of one parent.</summary>
    [JsonIgnore]
    public long Count => (long)(Prunings?.Length ?? Patterns.Length) * Finetune.Length * Exports.Length;
}
