using System.Collections.Immutable;
using System.Text.Json.Serialization;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Spec;

/// <summary>Dense variants: one for each training setting, or the network as it was given.</summary>
/// <param name="Train">Every combination of the spec's choices, in the spec's order, the last key fastest. Empty leaves given weights as they are.</param>
/// <param name="Exports">How the FP32 file is written.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.dense-space")]
public sealed record DenseSpace(ImmutableArray<TrainSettings> Train, ImmutableArray<ExportSettings> Exports)
{
    /// <summary>Variants of one replicate.</summary>
    [JsonIgnore]
    public long Count => Math.Max(1L, Train.Length) * Exports.Length;
}
