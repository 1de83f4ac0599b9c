using System.Globalization;
using SparseGrid.Contracts.Spec;

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

    private static string Name(string metric) => metric.Replace('_', ' ');

    private static string Amount(string metric, double value)
    {
        var number = value.ToString("0.###", CultureInfo.InvariantCulture);
        return metric == "accuracy_drop" ? $"{number} points" : number;
    }
}
