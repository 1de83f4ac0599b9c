using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Contracts.Results;

/// <summary>Everything a finished variant has to show; committed once under its result key.</summary>
/// <param name="Stages">The records of its stages, in order.</param>
/// <param name="Validation">Accuracy of the deployed file on the validation split: what choices are made by.</param>
/// <param name="Test">Accuracy of the deployed file on the test split: what the table shows.</param>
/// <param name="Sparsity">The weights' state, layer by layer.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.variant-result")]
public sealed record VariantResult(
    VariantId Variant, Recipe Recipe, ImmutableArray<StageRecord> Stages, Accuracy Validation, Accuracy Test, Latency Latency,
    long FileBytes, ImmutableArray<LayerSparsity> Sparsity)
{
    /// <summary>Hash of the artifact of that role, the last one made; null where there is none.</summary>
    public string? Artifact(string role) => Stages.Reverse().Select(stage => stage.Artifacts.GetValueOrDefault(role)).FirstOrDefault(hash => hash is not null);

    /// <summary>True where a stage's training diverged: the variant has a result, and it is a bad one.</summary>
    public bool Diverged => Stages.Any(stage => stage.Numbers.GetValueOrDefault("diverged") > 0);

    /// <summary>Share of zeros in all pruned layers' exported weights, 0 to 1; 0 where none is pruned.</summary>
    public double PrunedSparsity => Sparsity.Any(layer => layer.Pruned)
        ? (double)Sparsity.Where(layer => layer.Pruned).Sum(layer => layer.Zeros) / Sparsity.Where(layer => layer.Pruned).Sum(layer => layer.Weights)
        : 0;
}
