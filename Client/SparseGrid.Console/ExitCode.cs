namespace SparseGrid.Console;

/// <summary>What the program's exit code says; shown by <c>--help</c>.</summary>
public enum ExitCode
{
    /// <summary>Finished, and the goals are met or there are none.</summary>
    Done = 0,

    /// <summary>The program itself failed; the log has more.</summary>
    Unexpected = 1,

    /// <summary>The command line, the spec or the data cannot be used.</summary>
    BadInput = 2,

    /// <summary>Finished, but some trials failed. Goes before the goals: with results missing, their verdict is not final.</summary>
    SomeFailed = 3,

    /// <summary>Finished, and no variant meets all goals.</summary>
    GoalsNotMet = 4,

    /// <summary>The budget is used up and trials are left.</summary>
    BudgetReached = 5,

    /// <summary>Stopped by the user; the same command goes on.</summary>
    Stopped = 6,

    /// <summary>The device failed, and with it the process: whatever supervises it starts it again. Otherwise the same command goes on.</summary>
    DeviceFault = 70,

    /// <summary>Ended at once by a second Ctrl-C.</summary>
    Killed = 130,
}
