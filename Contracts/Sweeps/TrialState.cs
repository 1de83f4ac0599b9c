namespace SparseGrid.Contracts.Sweeps;

/// <summary>Where a trial stands.</summary>
public enum TrialState
{
    /// <summary>Waits for its parent or for a slot.</summary>
    Waiting,

    /// <summary>Its variant holds a slot.</summary>
    Running,

    /// <summary>Its variant's result is committed.</summary>
    Finished,

    /// <summary>Its variant could not be run, or an ancestor could not.</summary>
    Failed,
}
