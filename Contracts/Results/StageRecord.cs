using System.Collections.Immutable;

namespace SparseGrid.Contracts.Results;

/// <summary>What a stage made, committed once under its key.</summary>
/// <param name="Key">The stage key, 64 hex digits.</param>
/// <param name="Kind">The stage's name.</param>
/// <param name="Artifacts">Role (weights, masks, histograms, ranges, onnx, predictions, flips) to the SHA-256 of the artifact's bytes.</param>
/// <param name="Numbers">Named results: top1, loss, sparsity, latency_median_ms …</param>
/// <param name="Notes">Sentences for the report: why a layer was not pruned, that a run diverged.</param>
/// <param name="Provenance">Where and when it ran.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage-record")]
public sealed record StageRecord(
    string Key, string Kind, ImmutableSortedDictionary<string, string> Artifacts, ImmutableSortedDictionary<string, double> Numbers,
    ImmutableArray<string> Notes, Provenance Provenance);
