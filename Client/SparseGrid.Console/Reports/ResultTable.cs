using System.Collections.Immutable;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports;

/// <summary>The measured table: what varies in columns, what is the same for all rows in the lines above them.</summary>
public static class ResultTable
{
    /// <summary>The columns of all finished rows, in the order of the tree; empty where none is finished.</summary>
    public static ImmutableArray<TextColumn> Columns(IReadOnlyList<TrialRow> rows, IReadOnlyList<Goal> goals)
    {
        var finished = TrialTree.Order(rows, row => row.Index, row => row.Parent).Where(entry => entry.Trial.Result is not null).ToImmutableArray();
        if (finished.IsEmpty)
            return [];

        var reused = finished.Any(entry => entry.Trial.Reused) && !finished.All(entry => entry.Trial.Reused);
        var held = new SweepGoals(goals, rows);
        TextColumn Column(string heading, Func<VariantResult, string> cell) => new(heading, [.. finished.Select(entry => cell(entry.Trial.Result!))]);
        return
        [
            new("variant", [.. finished.Select(entry => TrialTree.Leaf(entry.Trial.Path, entry.Depth) + Mark(entry.Trial))], Left: true),
            Column("top-1 %", result => Words.Percent(result.Test.Top1)),
            new("vs dense, points", [.. finished.Select(entry => Difference(entry.Trial))]),
            new(PValueHeading, [.. finished.Select(entry => entry.Trial.Parent < 0 ? "" : Words.PValue(entry.Trial.Result!.Test.McNemarP))]),
            Column("median ms", result => Words.Milliseconds(result.Latency.MedianMs)),
            Column("p99 ms", result => Words.Milliseconds(result.Latency.P99Ms)),
            Column("speed-up", result => Words.Times(result.Latency.SpeedUp)),
            Column("KiB", result => Words.Fixed(result.FileBytes / 1024.0, 1)),
            Column(SparsityHeading, result => result.Sparsity.Any(layer => layer.Pruned) ? Words.Fixed(100 * result.PrunedSparsity, 1) : "–"),
            Column(MismatchHeading, result => result.Test.Mismatches.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            .. goals.Count == 0 ? [] : new[] { new TextColumn("goals", [.. finished.Select(entry => Ticks(entry.Trial, held, rows))], Left: true) },
            new("id", [.. finished.Select(entry => entry.Trial.Variant.Short + (reused && entry.Trial.Reused ? " r" : ""))], Left: true),
        ];
    }

    /// <summary>Finished rows that are shown one by one; of more, the best by validation accuracy and what they were made from.</summary>
    private const int MostRows = 200;

    /// <summary>The columns with the cells of those rows that are shown, at most some two hundred.</summary>
    public static ImmutableArray<TextColumn> Best(ImmutableArray<TextColumn> columns, IReadOnlyList<TrialRow> rows)
    {
        var finished = TrialTree.Order(rows, row => row.Index, row => row.Parent).Select(entry => entry.Trial).Where(row => row.Result is not null).ToArray();
        if (finished.Length <= MostRows)
            return columns;

        var best = finished.OrderByDescending(row => row.Result!.Validation.Top1).ThenBy(row => row.Index).Take(MostRows / 2)
            .SelectMany(row => Lineage.Of(row, rows)).Select(row => row.Index).ToHashSet();
        var places = Enumerable.Range(0, finished.Length).Where(place => best.Contains(finished[place].Index)).ToArray();
        return [.. columns.Select(column => column with { Cells = [.. places.Select(place => column.Cells[place])] })];
    }

    /// <summary>The columns without those that are missed least, as many as have to go for a line of that width; variant, top-1 and speed-up stay.</summary>
    public static ImmutableArray<TextColumn> Fitting(ImmutableArray<TextColumn> columns, int width)
    {
        foreach (var heading in new[] { MismatchHeading, "p99 ms", PValueHeading, SparsityHeading, "median ms", "id", "KiB", "vs dense, points", "goals" })
        {
            if (columns.Sum(column => column.Width + TextTable.Gap.Length) - TextTable.Gap.Length <= width)
                break;
            columns = columns.RemoveAll(column => column.Heading == heading);
        }

        return columns;
    }

    /// <summary>Heading of McNemar's p.</summary>
    internal const string PValueHeading = "p";

    /// <summary>Heading of the share of zeros in the pruned layers' exported weights.</summary>
    internal const string SparsityHeading = "zeros %";

    /// <summary>Heading of the test images on which the deployed file and the framework's model predict different classes.</summary>
    internal const string MismatchHeading = "mism.";

    /// <summary>Difference to the dense FP32 ancestor with the 95 % interval of the paired difference.</summary>
    private static string Difference(TrialRow row) => row.Parent < 0
        ? "baseline"
        : $"{Words.Points(row.Result!.Test.Difference)} [{Words.Points(row.Result.Test.DifferenceLow)}, {Words.Points(row.Result.Test.DifferenceHigh)}]";

    private static string Mark(TrialRow row) => row.Result!.Diverged ? " (diverged)" : "";

    // What comes from a diverged training is compared with nothing of use.
    private static string Ticks(TrialRow row, SweepGoals goals, IReadOnlyList<TrialRow> rows) => Lineage.Diverged(row, rows) is not null
        ? "–"
        : string.Concat(goals.Of(row).Select(check => check.Met ? '✓' : '✗'));
}
