using Orleans.Storage;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Results;
using SparseGrid.Grains.Placement;

namespace SparseGrid.Grains.Results;

/// <summary>Keeps the first result that is committed under its key.</summary>
[GrainType("result"), OnRole(SiloRole.Control)]
public sealed class ResultGrain([PersistentState("result")] IPersistentState<ResultState> index) : Grain, IResultGrain
{
    /// <inheritdoc/>
    public Task<VariantResult?> Get() => Task.FromResult(index.State.Result);

    /// <inheritdoc/>
    public async Task<VariantResult> Commit(VariantResult result)
    {
        if (index.State.Result is { } first)
            return first;

        try
        {
            index.State = new(result);
            await index.WriteStateAsync();
        }
        catch (InconsistentStateException)
        {
            // What was not written is not told, also where the newer record cannot be read.
            index.State = new();
            await index.ReadStateAsync();
        }
        catch
        {
            index.State = new();
            throw;
        }

        return index.State.Result
            ?? throw new InconsistentStateException($"Result {this.GetPrimaryKeyString()} was neither written nor found; commit it again.");
    }
}
