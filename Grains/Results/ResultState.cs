using SparseGrid.Contracts.Results;
using SparseGrid.Grains.States;

namespace SparseGrid.Grains.Results;

/// <summary>What is remembered under a result key.</summary>
/// <param name="Result">The first result that was committed; null before.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.result-state"), StateSchema("result", 1)]
public sealed record ResultState(VariantResult? Result)
{
    /// <summary>No result yet.</summary>
    public ResultState()
        : this((VariantResult?)null)
    {
    }
}
