using System.Collections.Immutable;
using System.Text.Json.Serialization;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Spec;

/// <summary>Sparse variants of each dense one: perhaps another order of channels, a pattern, then fine-tuning.</summary>
/// <param name="Patterns">The patterns that are chosen among: m4n2_1d.</param>
/// <param name="Finetune">Every combination of the spec's choices.</param>
/// <param name="Exports">How the FP32 file is written.</param>
/// <param name="Permute">How channels are reordered before pruning; null where they never are.</param>
/// <param name="Prunings">Every combination where more than the pattern is set; null where each pattern stands alone.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.sparse-space")]
public sealed record SparseSpace(
    ImmutableArray<string> Patterns, ImmutableArray<TrainSettings> Finetune, ImmutableArray<ExportSettings> Exports, ImmutableArray<PermuteSettings>? Permute = null,
    ImmutableArray<PruneSettings>? Prunings = null)
{
    /// <summary>How channels are reordered, one or several ways.</summary>
    [JsonIgnore]
    public ImmutableArray<PermuteSettings> Permutes => Permute ?? [new()];

    /// <summary>The ways to prune.</summary>
    [JsonIgnore]
    public ImmutableArray<PruneSettings> Prune => Prunings ?? [.. Patterns.Select(pattern => new PruneSettings(pattern))];

    /// <summary>Variants of one parent.</summary>
    [JsonIgnore]
    public long Count => (long)Permutes.Length * (Prunings?.Length ?? Patterns.Length) * Finetune.Length * Exports.Length;
}
