using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Results;
using SparseGrid.Grains.Placement;

namespace SparseGrid.Grains.Results;

/// <summary>The way to one entry of the <see cref="ResultIndex"/> for those who have no storage; holds nothing itself.</summary>
[GrainType("result"), OnRole(SiloRole.Control)]
public sealed class ResultGrain(ResultIndex index) : Grain, IResultGrain
{
    /// <inheritdoc/>
    public Task<VariantResult?> Get() => index.Look(this.GetPrimaryKeyString());

    /// <inheritdoc/>
    public Task<VariantResult> Commit(VariantResult result) => index.Commit(this.GetPrimaryKeyString(), result);

    /// <inheritdoc/>
    public Task Forget() => index.Forget(this.GetPrimaryKeyString());
}
