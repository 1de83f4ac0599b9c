using SparseGrid.Contracts.Results;

namespace SparseGrid.Contracts.Grains;

/// <summary>One entry of the result index; its key is the result key (variant, evaluation and measurement settings, device). Needs no GPU silo.</summary>
[Alias("sparsegrid.IResultGrain")]
public interface IResultGrain : IGrainWithStringKey
{
    /// <summary>The committed result, or null.</summary>
    [Alias("Get")]
    Task<VariantResult?> Get();

    /// <summary>Commits once; the first result stays, and every caller is given it.</summary>
    [Alias("Commit")]
    Task<VariantResult> Commit(VariantResult result);

    /// <summary>Forgets the result, so that its artifacts can be deleted. Only for one that no sweep has. Safe to repeat.</summary>
    [Alias("Forget")]
    Task Forget();
}
