using SparseGrid.Contracts.Results;

namespace SparseGrid.Contracts.Grains;

/// <summary>The record of one stage; its key is the stage key. It lets one asker run the stage and gives all others its record.</summary>
[Alias("sparsegrid.IStageGrain")]
public interface IStageGrain : IGrainWithStringKey
{
    /// <summary>Asks for the record, or for the right to make it. Renews the lease where the caller has it already.</summary>
    /// <param name="owner">Who asks: variant and lease epoch.</param>
    [Alias("Claim")]
    Task<StageClaim> Claim(string owner);

    /// <summary>Commits the record once; a later one of another owner is dropped and the first is returned.</summary>
    [Alias("Commit")]
    Task<StageRecord> Commit(string owner, StageRecord record);

    /// <summary>Gives the right back without a record: the run was stopped or failed. A failure is never kept as a result.</summary>
    [Alias("Release")]
    Task Release(string owner);

    /// <summary>Forgets a record whose artifacts are lost, so that the stage runs again.</summary>
    /// <returns>False where there is another record by now, or none; then nothing changes.</returns>
    [Alias("Drop")]
    Task<bool> Drop(StageRecord lost);

    /// <summary>The record, or null.</summary>
    [Alias("Record")]
    Task<StageRecord?> Record();
}
