using System.Globalization;
using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Progress;

/// <summary>A status in words, the same on a terminal and in plain lines.</summary>
public static class ProgressWords
{
    /// <summary>3 of 8 done, 1 running, 0 reused, 0 failed, 4 left.</summary>
    public static string Counts(SweepStatus status) =>
        $"{status.Finished} of {status.Trials} done, {status.Running} running, {status.Reused} reused, {status.Failed} failed, {status.Waiting} left"
        + (status.Retrying > 0 ? $", {status.Retrying} tried again" : "");

    /// <summary>12/30 epochs, top-1 93.52 %, 0:07 left; just what is known of it.</summary>
    public static string Standing(RunningVariant variant)
    {
        var parts = new List<string>();
        if (variant.Total > 0)
            parts.Add($"{Number(variant.Done)}/{Number(variant.Total)} {variant.Unit}");
        if (!double.IsNaN(variant.Top1))
            parts.Add($"top-1 {Words.Percent(variant.Top1)} %");
        if (variant.Remaining is { } remaining)
            parts.Add($"{Words.Clock(remaining)} left");
        return string.Join(", ", parts);
    }

    /// <summary>finished: top-1 99.44 %, 1.48x; or reused, diverged, failed and why.</summary>
    public static string Ended(TrialRow row) => row switch
    {
        { Result: { } result } => $"{(result.Diverged ? "diverged" : row.Reused ? "reused" : "finished")}: "
            + $"top-1 {Words.Percent(result.Test.Top1)} %, {Words.Times(result.Latency.SpeedUp)}",
        { Failure: not null } => $"failed{(row.Attempts > 1 ? " " : ": ")}{FailureText.Of(row)}",
        _ => row.State == TrialState.Failed ? "failed" : "finished",
    };

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
