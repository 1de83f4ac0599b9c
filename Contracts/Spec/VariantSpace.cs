namespace SparseGrid.Contracts.Spec;

/// <summary>The tree of variants: dense at the root, each other kind derived from the kinds it names.</summary>
[GenerateSerializer, Immutable, Alias("sparsegrid.variant-space")]
public sealed record VariantSpace(DenseSpace Dense, SparseSpace? Sparse, PtqSpace? Ptq, QatSpace? Qat);
