using System.Collections.Immutable;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports;

/// <summary>Configurations over their seeds: mean ± sample standard deviation, with n.</summary>
public static class ReplicateTable
{
    /// <summary>The table's lines; none without replicates.</summary>
    public static ImmutableArray<string> Lines(IReadOnlyList<TrialRow> rows)
    {
        var summaries = ReplicateSummary.Of(rows);
        ImmutableArray<string> Cells(Func<ReplicateSummary, string> cell) => [.. summaries.Select(cell)];
        return summaries.IsEmpty
            ? []
            :
            [
                .. TextTable.Lines(
                [
                    new("over seeds", Cells(summary => summary.Path), Left: true), new("n", Cells(summary => $"{summary.Seeds.Length}")),
                    new("top-1 %", Cells(summary => Percent(summary.Top1))), new("vs dense, points", Cells(summary => Points(summary.Difference))),
                    new("speed-up", Cells(summary => Times(summary.SpeedUp))),
                ]),
                "[mean ± sample standard deviation over the seeds]",
                "",
            ];
    }

    /// <summary>99.44 ± 0.12.</summary>
    internal static string Percent(Spread share) => Words.Percent(share.Mean) + PlusMinus(100 * share.Deviation);

    /// <summary>-0.28 ± 0.12.</summary>
    internal static string Points(Spread difference) => Words.Points(difference.Mean) + PlusMinus(100 * difference.Deviation);

    /// <summary>1.51x ± 0.02.</summary>
    internal static string Times(Spread speedUp) => Words.Times(speedUp.Mean) + PlusMinus(speedUp.Deviation);

    private static string PlusMinus(double deviation) => double.IsNaN(deviation) ? "" : $" ± {Words.Fixed(deviation, 2)}";
}
