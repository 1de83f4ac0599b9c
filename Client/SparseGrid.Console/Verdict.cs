using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console;

/// <summary>What an ended sweep means for the exit code.</summary>
public static class Verdict
{
    /// <summary>What cut the sweep short goes first, then missing results, then the goals.</summary>
    public static ExitCode Of(SweepStatus status, IReadOnlyList<Goal> goals, Recommendation recommendation) => status switch
    {
        { State: SweepState.Stopped or SweepState.Paused } => ExitCode.Stopped,
        { State: SweepState.BudgetReached } => ExitCode.BudgetReached,
        { Failed: > 0 } => ExitCode.SomeFailed,
        _ when goals.Count > 0 && recommendation.Index is null => ExitCode.GoalsNotMet,
        _ => ExitCode.Done,
    };
}
