using System.Collections.Immutable;
using System.Globalization;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Contracts.Results;

/// <summary>Which variant to deploy, and why.</summary>
/// <param name="Index">Index of the recommended trial; null where no variant meets all goals.</param>
/// <param name="Reason">One sentence with the numbers that decided.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.recommendation")]
public sealed record Recommendation(int? Index, string Reason)
{
    /// <summary>Medians that differ by less than this share are a tie: two measurements of one file differ by as much.</summary>
    public const double LatencyTie = 0.02;

    /// <summary>
    /// Of the finished variants that meet all goals, the one with the lowest latency: own median over that of the baseline measured between its calls,
    /// which drifts of the machine leave alone. Among those within 2 % of it the smaller file goes
    /// first, then the higher validation top-1, then the lower index. Accuracy is judged on the validation split only, each row by itself:
    /// a replicate counts as a variant of its own. Where nothing was measured the smallest file goes first. A variant that diverged, or that is made from one that did, is no candidate.
    /// </summary>
    public static Recommendation Of(IReadOnlyList<TrialRow> rows, IReadOnlyList<Goal> goals)
    {
        var held = new SweepGoals(goals, rows);
        var candidates = rows
            .Where(row => row.Result is { } result && double.IsFinite(result.Validation.Top1) && (double.IsFinite(result.Latency.MedianMs) || !result.Latency.IsMeasured))
            .Where(row => Lineage.Diverged(row, rows) is null)
            .Select(row => (Row: row, Checks: held.Of(row).ToImmutableArray()))
            .ToImmutableArray();
        if (candidates.IsEmpty)
        {
            return new(null, rows.Any(row => row.Result is not null)
                ? "No variant can be recommended: the training of every finished one, or of what it is made from, diverged. Try a lower learning rate."
                : "No variant can be recommended: none has a finished result.");
        }

        var able = candidates.Where(candidate => candidate.Checks.All(check => check.Met)).ToImmutableArray();
        if (able.IsEmpty)
            return new(null, WhyNone(candidates));

        var measured = able.All(candidate => candidate.Row.Result!.Latency.IsMeasured);
        var fastest = able.Max(candidate => candidate.Row.Result!.Latency.SpeedUp);
        var tied = able
            .Where(candidate => !measured || candidate.Row.Result!.Latency.SpeedUp * (1 + LatencyTie) >= fastest)
            .OrderBy(candidate => candidate.Row.Result!.FileBytes)
            .ThenByDescending(candidate => candidate.Row.Result!.Validation.Top1)
            .ThenBy(candidate => candidate.Row.Index)
            .ToImmutableArray();
        return new(tied[0].Row.Index, WhyThis(tied[0].Row, tied[0].Checks, able.Length, tied.Length));
    }

    private static string WhyThis(TrialRow row, ImmutableArray<GoalCheck> checks, int able, int tied)
    {
        var result = row.Result!;
        var first = result.Latency.IsMeasured ? "fastest" : "smallest";
        var among = (checks.IsEmpty, able) switch
        {
            (true, 1) => "the only finished variant; the spec sets no goals",
            (true, _) => $"the {first} of {able} variants; the spec sets no goals",
            (false, 1) => "the only variant that meets all goals",
            (false, _) => $"the {first} of {able} variants that meet all goals",
        };
        var tie = tied > 1 && result.Latency.IsMeasured ? string.Create(CultureInfo.InvariantCulture, $" and the smallest of {tied} within {100 * LatencyTie:0} % of it") : "";
        var held = checks.Select(check => string.Create(CultureInfo.InvariantCulture, $"{check.ValueWords}, goal {check.Goal.AtMost:0.###}"));
        var goals = checks.IsEmpty ? "" : $" ({string.Join(", ", held)})";
        var latency = result.Latency.IsMeasured
            ? string.Create(CultureInfo.InvariantCulture, $"median {result.Latency.MedianMs:0.000} ms, {result.Latency.SpeedUp:0.00}x {result.Latency.Baseline ?? "dense FP32"}, ")
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Deploy {row.Path} ({row.Variant.Short}): {among}{tie}, {latency}"
            + $"{result.FileBytes / 1024.0:0.0} KiB, validation top-1 {100 * result.Validation.Top1:0.00} %{goals}.");
    }

    /// <summary>The nearest candidate misses the fewest goals, and those by the smallest share; named with its worst miss.</summary>
    private static string WhyNone(ImmutableArray<(TrialRow Row, ImmutableArray<GoalCheck> Checks)> candidates)
    {
        var nearest = candidates
            .OrderBy(candidate => candidate.Checks.Count(check => !check.Met))
            .ThenBy(candidate => candidate.Checks.Max(check => check.Excess))
            .ThenBy(candidate => candidate.Row.Index)
            .First();
        var worst = nearest.Checks.MaxBy(check => check.Excess)!;
        return $"No variant meets all goals: the nearest, {nearest.Row.Path} ({nearest.Row.Variant.Short}), has {worst.ValueWords}, "
            + $"and the goal is {GoalCheck.Words(worst.Goal)}.";
    }
}
