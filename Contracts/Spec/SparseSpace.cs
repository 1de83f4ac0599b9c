using System.Collections.Immutable;
using System.Text.Json.Serialization;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Spec;

/// <summary>Sparse variants of each dense one: perhaps another order of channels, a pattern, then fine-tuning.</summary>
/// <param name="Patterns">2:4 patterns: m4n2_1d.</param>
/// <param name="Finetune">Every combination of the spec's choices.</param>
/// <param name="Exports">How the FP32 file is written.</param>
/// <param name="Permute">How channels are reordered before pruning; null where they never are.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.sparse-space")]
public sealed record SparseSpace(
    ImmutableArray<string> Patterns, ImmutableArray<TrainSettings> Finetune, ImmutableArray<ExportSettings> Exports, ImmutableArray<PermuteSettings>? Permute = null)
{
    /// <summary>How channels are reordered, one or several ways.</summary>
    [JsonIgnore]
    public ImmutableArray<PermuteSettings> Permutes => Permute ?? [new()];

    /// <summary>Variants of one parent.</summary>
    [JsonIgnore]
    public long Count => (long)Permutes.Length * Patterns.Length * Finetune.Length * Exports.Length;
}
