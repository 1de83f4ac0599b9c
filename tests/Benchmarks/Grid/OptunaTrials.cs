using System.Diagnostics;
using System.Globalization;

namespace SparseGrid.Benchmarks.Grid;

/// <summary>As many trials of Debian's python3-optuna, whose objective is one multiplication, with the storage that is next to ours.</summary>
internal static class OptunaTrials
{
    /// <summary>Trials per second; NaN where python3-optuna is not there.</summary>
    public static double Rate(string storage, int trials, string where)
    {
        using var python = Process.Start(new ProcessStartInfo(
            "/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Peer", "optuna_trials.py"), storage, $"{trials}", where]) { RedirectStandardOutput = true })!;
        var seconds = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        return python.ExitCode == 0 ? trials / double.Parse(seconds, CultureInfo.InvariantCulture) : double.NaN;
    }
}
