using System.Text.Json.Serialization;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Contracts.Spec;

/// <summary>The tree of variants: dense at the root, each other kind derived from the kinds it names.</summary>
[GenerateSerializer, Immutable, Alias("sparsegrid.variant-space")]
public sealed record VariantSpace(DenseSpace Dense, SparseSpace? Sparse, PtqSpace? Ptq, QatSpace? Qat)
{
    /// <summary>Variants of one replicate: the whole tree.</summary>
    /// <exception cref="OverflowException">There are more than 2⁶³ − 1.</exception>
    [JsonIgnore]
    public long Count
    {
        get
        {
            checked
            {
                var sparse = Dense.Count * (Sparse?.Count ?? 0);
                long Parents(VariantKind kind) => kind switch { VariantKind.Dense => Dense.Count, VariantKind.Sparse => sparse, _ => 0 };
                return Dense.Count + sparse
                    + ((Ptq?.From.Sum(Parents) ?? 0) * (Ptq?.Count ?? 0))
                    + ((Qat?.From.Sum(Parents) ?? 0) * (Qat?.Count ?? 0));
            }
        }
    }
}
