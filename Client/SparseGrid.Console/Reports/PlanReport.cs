using System.Collections.Immutable;
using System.Globalization;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports;

/// <summary>What a sweep would do: its tree, what is done already, and the bill with and without reuse.</summary>
public static class PlanReport
{
    /// <summary>Trials that are shown one by one; of a larger plan the first ones are.</summary>
    private const int MostTrials = 200;

    /// <summary>The report, line by line.</summary>
    public static ImmutableArray<string> Lines(SweepPlan plan)
    {
        var trials = TrialTree.Order(plan.Trials, trial => trial.Index, trial => trial.Parent);
        var more = Math.Max(0, trials.Length - MostTrials);
        trials = trials[..^more];
        ImmutableArray<string> Cells(Func<PlannedTrial, string> cell) => [.. trials.Select(entry => cell(entry.Trial))];
        var total = Totals.Of(plan);
        return
        [
            $"sweep {plan.Sweep}",
            .. ModelWords.Lines(plan.Model),
            "",
            .. plan.Trials.IsEmpty ? [] : TextTable.Lines(
            [
                new("#", Cells(trial => Number(trial.Index))),
                new("variant", [.. trials.Select(entry => TrialTree.Leaf(entry.Trial.Path, entry.Depth))], Left: true),
                new("kind", Cells(trial => trial.Kind.ToString().ToLowerInvariant()), Left: true),
                new("seed", Cells(trial => Number(trial.Seed))),
                new("id", Cells(trial => trial.Variant.Short), Left: true),
                new("epochs", Cells(trial => Number(trial.TrainingEpochs))),
                new("done", Cells(trial => trial.Done ? "yes" : "no"), Left: true),
                new("stages", Cells(trial => trial.Stages), Left: true),
            ]),
            .. more == 0 ? [] : new[] { $"… and {Words.Count(more, "trial")} more; --json lists them all" },
            "",
            $"{Words.Count(plan.Trials.Length, "trial")}, {Words.Count(plan.Variants, "distinct variant")}, {plan.Done} done already; "
                + $"{Words.Count(total.Left, "epoch")} to train, {total.WithoutReuse} if every variant were trained from scratch by itself",
        ];
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Epochs to train now, and without any reuse.</summary>
    /// <param name="Left">Of distinct variants that are not done.</param>
    /// <param name="WithoutReuse">Of every trial together with all its ancestors.</param>
    internal sealed record Totals(int Left, int WithoutReuse)
    {
        public static Totals Of(SweepPlan plan)
        {
            var byIndex = plan.Trials.ToDictionary(trial => trial.Index);
            int WithAncestors(PlannedTrial trial) =>
                trial.TrainingEpochs + (byIndex.TryGetValue(trial.Parent, out var parent) ? WithAncestors(parent) : 0);
            return new(
                plan.Trials.Where(trial => !trial.Done).DistinctBy(trial => trial.Variant).Sum(trial => trial.TrainingEpochs),
                plan.Trials.Sum(WithAncestors));
        }
    }
}
