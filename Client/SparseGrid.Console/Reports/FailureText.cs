using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports;

/// <summary>Why a trial failed, in words.</summary>
public static class FailureText
{
    /// <summary>after 3 attempts: out of memory: CUDA out of memory…; just what is known of it.</summary>
    public static string Of(TrialRow row)
    {
        var attempts = row.Attempts > 1 ? $"after {row.Attempts} attempts: " : "";

        // A message about an input says so itself, and that of an error of the program names its kind.
        var kind = row is { Attempts: > 0, FailureClass: { } known and not (FailureClass.BadInput or FailureClass.Code) } ? $"{known.Words()}: " : "";
        return $"{attempts}{kind}{Words.OneLine(row.Failure ?? "no reason was recorded")}";
    }
}
