namespace SparseGrid.Contracts.Grains;

/// <summary>The three ways a run can end.</summary>
public enum RunEnd
{
    /// <summary>The result is committed.</summary>
    Finished,

    /// <summary>Stopped on request or with its silo; a checkpoint is kept.</summary>
    Stopped,

    /// <summary>A stage could not be run.</summary>
    Failed,
}
