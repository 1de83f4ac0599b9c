namespace SparseGrid.Contracts.Sweeps;

/// <summary>Where a sweep stands.</summary>
public enum SweepState
{
    /// <summary>Nothing was submitted under this name.</summary>
    Unknown,

    /// <summary>Trials are waiting or running.</summary>
    Active,

    /// <summary>Stopped by a user; submit it again to go on.</summary>
    Stopped,

    /// <summary>No trial is left that could run.</summary>
    Finished,

    /// <summary>The budget is used up; trials that had not started are left waiting.</summary>
    BudgetReached,

    /// <summary>Nothing new is started; what runs goes on to its end. Resume it to go on.</summary>
    Paused,
}
