using SparseGrid.Contracts.Results;
using SparseGrid.Grains.Results;

namespace SparseGrid.Grains.Stages;

/// <summary>
/// Committed records that runs of this silo have met, by stage key: what thousands of variants start from is asked of its grain once. A committed record never changes; that it
/// was dropped or collected shows by its artifacts, which whoever uses one looks for each time.
/// </summary>
public sealed class StageRecords
{
    private readonly Recent<StageRecord> recent = new(4096);

    /// <summary>The record of that stage, where it is remembered.</summary>
    public StageRecord? Find(string key) => recent.Find(key);

    /// <summary>Remembers a committed record.</summary>
    public void Keep(StageRecord record) => recent.Keep(record.Key, record);

    /// <summary>Forgets a record whose artifacts are lost.</summary>
    public void Forget(StageRecord record) => recent.Forget(record.Key);
}
