using System.Globalization;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Contracts.Results;

/// <summary>One goal held against one finished row. Accuracy is that of the validation split: nothing is chosen on the test split.</summary>
/// <param name="Value">The row's value in the goal's unit; NaN where it cannot be told, which meets no goal.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.goal-check")]
public sealed record GoalCheck(Goal Goal, double Value)
{
    /// <summary>True where the value is at most the goal's bound.</summary>
    public bool Met => Value <= Goal.AtMost;

    /// <summary>How far the value is beyond the bound, as a share of the bound; 0 or less where the goal is met. A bound of 0 counts as 1.</summary>
    public double Excess => double.IsNaN(Value) ? double.PositiveInfinity : (Value - Goal.AtMost) / (Goal.AtMost == 0 ? 1 : Math.Abs(Goal.AtMost));

    /// <summary>The goal in words: accuracy drop at most 0.5 points.</summary>
    public static string Words(Goal goal) => $"{Name(goal.Metric)} at most {Amount(goal.Metric, goal.AtMost)}";

    /// <summary>The value in words: accuracy drop 0.72 points.</summary>
    public string ValueWords => $"{Name(Goal.Metric)} {Amount(Goal.Metric, Value)}";

    /// <summary>Every goal held against one finished row.</summary>
    /// <param name="rows">All rows of the sweep: the row's dense ancestor is looked up among them.</param>
    public static IEnumerable<GoalCheck> Of(TrialRow row, IEnumerable<Goal> goals, IReadOnlyList<TrialRow> rows) =>
        goals.Select(goal => new GoalCheck(goal, ValueOf(goal.Metric, row, rows)));

    /// <summary>
    /// accuracy_drop: points of validation top-1 below the best dense variant of the same seed, so that a poor baseline excuses nothing; latency_ratio: own
    /// median over the baseline's, measured between its calls;
    /// size_ratio: own bytes over the dense ancestor's.
    /// </summary>
    private static double ValueOf(string metric, TrialRow row, IReadOnlyList<TrialRow> rows) => (metric, row.Result) switch
    {
        (_, null) => double.NaN,
        ("accuracy_drop", { } result) => AccuracyDrop(row, result, rows),
        ("latency_ratio", { } result) => result.Latency.MedianMs / result.Latency.BaselineMedianMs,
        ("size_ratio", { } result) => DenseAncestor(row, rows)?.Result is { } dense ? (double)result.FileBytes / dense.FileBytes : double.NaN,
        _ => throw new ArgumentException($"Goal metric '{metric}' is unknown; known are accuracy_drop, latency_ratio and size_ratio.", nameof(metric)),
    };

    // Paired with the own ancestor first: where that is the best one, the difference is a count over a count, and a bound on its edge is met.
    private static double AccuracyDrop(TrialRow row, VariantResult result, IReadOnlyList<TrialRow> rows)
    {
        if (DenseAncestor(row, rows)?.Result is not { } own)
            return double.NaN;

        var best = rows.Where(other => other.Kind == VariantKind.Dense && other.Seed == row.Seed && other.Result is { Diverged: false })
            .Select(other => other.Result!.Validation.Top1).Append(own.Validation.Top1).Max();
        return Math.Round(100 * (best - own.Validation.Top1 - result.Validation.Difference), 9) + 0.0; // + 0.0 turns −0 into 0
    }

    private static TrialRow? DenseAncestor(TrialRow row, IReadOnlyList<TrialRow> rows) =>
        Lineage.Of(row, rows).Last() is { Parent: < 0 } dense ? dense : null;

    private static string Name(string metric) => metric.Replace('_', ' ');

    private static string Amount(string metric, double value)
    {
        var number = value.ToString("0.###", CultureInfo.InvariantCulture);
        return metric == "accuracy_drop" ? $"{number} points" : number;
    }
}
