using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;

namespace SparseGrid.Console.Reports.Plots;

/// <summary>Where the baseline and the goals lie in a plot.</summary>
/// <param name="DenseX">Of the dense baseline; NaN where there is none, or several that differ.</param>
/// <param name="DenseY">Test top-1 of the best dense variant, percent; NaN where there is none.</param>
/// <param name="GoalX">The goal of the horizontal axis; NaN where there is none.</param>
/// <param name="GoalY">Lowest top-1 that the accuracy goal allows, percent. The goal is judged on validation; here it is held against the test split.</param>
internal sealed record PlotBounds(double DenseX, double DenseY, double GoalX, double GoalY)
{
    /// <summary>Of the dense variants among the points.</summary>
    public static PlotBounds Of(IEnumerable<PlotPoint> points, IReadOnlyList<Goal> goals, TradeOff tradeOff)
    {
        var dense = points.Where(point => point.Row.Parent < 0 && !point.Group.Diverged).ToArray();
        if (dense.Length == 0)
            return new(double.NaN, double.NaN, double.NaN, double.NaN);

        var best = dense.MaxBy(point => point.Y)!;
        var oneBaseline = tradeOff.MoreIsBetter || dense.All(point => point.X == best.X);
        VariantResult result = best.Row.Result!;
        double Goal(string metric, Func<double, double> bound) => goals.FirstOrDefault(goal => goal.Metric == metric) is { } goal ? bound(goal.AtMost) : double.NaN;
        return new(
            oneBaseline ? tradeOff.MoreIsBetter ? 1 : best.X : double.NaN, best.Y,
            oneBaseline ? Goal(tradeOff.Metric, atMost => tradeOff.Bound(atMost, result)) : double.NaN, Goal("accuracy_drop", atMost => best.Y - atMost));
    }
}
