using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Contracts.Results;

/// <summary>The goals of a sweep, to be held against its rows one after the other. What all rows are compared with is looked up once: sweeps have thousands.</summary>
public sealed class SweepGoals
{
    private readonly ImmutableArray<Goal> goals;
    private readonly IReadOnlyList<TrialRow> rows;
    private readonly Dictionary<int, double> bestDense;

    /// <summary>Goals of the sweep that has these rows.</summary>
    /// <param name="rows">All rows of the sweep: dense ancestors are looked up among them.</param>
    public SweepGoals(IEnumerable<Goal> goals, IReadOnlyList<TrialRow> rows)
    {
        (this.goals, this.rows) = ([.. goals], rows);
        bestDense = rows.Where(row => row is { Kind: VariantKind.Dense, Result.Diverged: false })
            .GroupBy(row => row.Seed)
            .ToDictionary(seed => seed.Key, seed => seed.Max(row => row.Result!.Validation.Top1));
    }

    /// <summary>Every goal held against one row.</summary>
    /// <exception cref="ArgumentException">A goal has an unknown metric.</exception>
    public IEnumerable<GoalCheck> Of(TrialRow row) => goals.Select(goal => new GoalCheck(goal, ValueOf(goal.Metric, row)));

    /// <summary>
    /// accuracy_drop: points of validation top-1 below the best dense variant of the same seed, so that a poor baseline excuses nothing; latency_ratio: own
    /// median over the baseline's, measured between its calls;
    /// size_ratio: own bytes over the dense ancestor's.
    /// </summary>
    private double ValueOf(string metric, TrialRow row) => (metric, row.Result) switch
    {
        (_, null) => double.NaN,
        ("accuracy_drop", { } result) => AccuracyDrop(row, result),
        ("latency_ratio", { } result) => result.Latency.MedianMs / result.Latency.BaselineMedianMs,
        ("size_ratio", { } result) => DenseAncestor(row)?.Result is { } dense ? (double)result.FileBytes / dense.FileBytes : double.NaN,
        _ => throw new ArgumentException($"Goal metric '{metric}' is unknown; known are accuracy_drop, latency_ratio and size_ratio.", nameof(metric)),
    };

    // Paired with the own ancestor first: where that is the best one, the difference is a count over a count, and a bound on its edge is met.
    private double AccuracyDrop(TrialRow row, VariantResult result)
    {
        if (DenseAncestor(row)?.Result is not { } own)
            return double.NaN;

        // An ancestor that diverged is its own measure where it is better.
        double[] measures = bestDense.TryGetValue(row.Seed, out var ofSeed) ? [ofSeed, own.Validation.Top1] : [own.Validation.Top1];
        return Math.Round(100 * (measures.Max() - own.Validation.Top1 - result.Validation.Difference), 9) + 0.0; // + 0.0 turns −0 into 0
    }

    private TrialRow? DenseAncestor(TrialRow row) => Lineage.Of(row, rows).Last() is { Parent: < 0 } dense ? dense : null;
}
