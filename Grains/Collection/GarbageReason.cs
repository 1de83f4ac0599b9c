namespace SparseGrid.Grains.Collection;

/// <summary>Why a file of a grid is not needed.</summary>
public enum GarbageReason
{
    /// <summary>An artifact of a stage that no committed result and no known sweep has.</summary>
    StageOfNoSweep,

    /// <summary>An artifact that no record names: its stage was killed before it was committed, or failed.</summary>
    NamedByNoRecord,

    /// <summary>A checkpoint of a stage that is done, or that no known sweep has.</summary>
    Checkpoint,

    /// <summary>A file that a killed process was writing.</summary>
    HalfWritten,
}
