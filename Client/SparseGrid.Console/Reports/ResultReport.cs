using System.Collections.Immutable;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports;

/// <summary>What is shown when a sweep has ended: what holds for all rows, the table, what failed, and last the recommendation.</summary>
public static class ResultReport
{
    private const int Indent = 8;

    /// <summary>The report, line by line.</summary>
    /// <param name="width">Columns of the terminal that shows it: sentences are broken between words, the table leaves columns out. Null does neither.</param>
    public static ImmutableArray<string> Lines(
        SweepSpec spec, SweepStatus status, IReadOnlyList<TrialRow> rows, Recommendation recommendation, int? width = null)
    {
        var columns = ResultTable.Columns(rows, spec.Goals);
        var folded = columns.Where(IsFolded).ToImmutableArray();
        ImmutableArray<TextColumn> varying = [.. columns.Except(folded)];
        var shown = width is { } room ? ResultTable.Fitting(varying, room) : varying;
        IEnumerable<string> Broken(IEnumerable<string> lines) => width is { } wide ? lines.SelectMany(line => TextWrap.Lines(line, wide, Indent)) : lines;
        return
        [
            "",
            .. Broken([Summary(status), .. Setting(spec, rows, folded)]),
            "",
            .. shown.IsEmpty ? [] : TextTable.Lines(shown),
            .. shown.IsEmpty ? [] : Broken(Legend(rows, shown, varying)),
            .. ReplicateTable.Lines(rows),
            .. Broken([.. Remarks(spec, status, rows), recommendation.Reason]),
        ];
    }

    /// <summary>What there is to say beside the table: what failed or diverged, what stages noted, what stayed dense, why sparse is not faster.</summary>
    internal static IEnumerable<string> Remarks(SweepSpec spec, SweepStatus status, IReadOnlyList<TrialRow> rows)
    {
        IEnumerable<string?> lines =
        [
            .. Unfinished.Lines(rows),
            .. StageNotes.Lines(rows),
            FloatCaveat.Line(rows, spec.Measure.Runtime),
            NotPruned.Line(rows),
            SparsityVerdict.Line(rows),
            BudgetHint(spec, status),
        ];
        return lines.OfType<string>();
    }

    /// <summary>How far the sweep came, in one line.</summary>
    internal static string Summary(SweepStatus status)
    {
        var ended = status.State switch
        {
            SweepState.Finished => "",
            SweepState.Stopped => ", stopped",
            SweepState.BudgetReached => ", budget reached",
            SweepState.Paused => ", paused",
            _ => ", still active",
        };
        var left = status.Waiting > 0 ? $", {status.Waiting} left" : "";
        var elapsed = status.Ended is { } end ? $", {Words.Clock(end - status.Submitted)}" : "";
        return $"sweep   {status.Sweep}: {status.Finished} of {Words.Count(status.Trials, "trial")} finished ({status.Reused} reused), "
            + $"{status.Failed} failed{left}{ended}{elapsed}";
    }

    private static IEnumerable<string> Setting(SweepSpec spec, IReadOnlyList<TrialRow> rows, ImmutableArray<TextColumn> folded)
    {
        ImmutableArray<VariantResult> results = [.. rows.Where(row => row.Result is not null).Select(row => row.Result!)];
        if (results.IsEmpty)
            yield break;

        var places = results.Select(result => result.Stages[^1].Provenance).ToImmutableArray();
        yield return $"device  {Distinct(places.Select(place => place.Device))}; {Distinct(places.Select(place => place.Versions))}";

        var seeds = rows.Select(row => row.Seed).Distinct().Order().ToImmutableArray();
        yield return $"model   {ModelWords.Name(spec)}; {(seeds.Length == 1 ? "seed" : "seeds")} {string.Join(", ", seeds)}; "
            + $"{spec.Numerics.Device}, {Words.Count(spec.Numerics.Threads, "thread")} a slot";

        var latency = Distinct(results.Select(result =>
            $"batch {result.Latency.Batch}{(spec.Measure.OnGpu ? "" : $", {Words.Count(result.Latency.Threads, "thread")}")}, {Words.Count(result.Latency.Runs, "run")}"));
        var images = Distinct(results.Select(result => Words.Count(result.Test.Images, "test image")));
        yield return $"top-1   of the exported file in {RuntimeWords.Evaluated(spec)}, {images}; latency: {(spec.Measure.Runs == 0 ? "not measured" : $"{latency}, interleaved with {spec.Measure.Baseline}")}";

        if (!spec.Goals.IsEmpty)
        {
            var judged = Distinct(results.Select(result => Words.Count(result.Validation.Images, "validation image")));
            yield return $"goals   on {judged}: {string.Join(", ", spec.Goals.Select(GoalCheck.Words))}";
        }

        foreach (var line in Folded(folded))
            yield return line;
    }

    /// <summary>True of a column that a line above the table replaces, because all its cells are the same.</summary>
    internal static bool IsFolded(TextColumn column) => column is { IsConstant: true, Heading: ResultTable.SparsityHeading or ResultTable.MismatchHeading };

    /// <summary>The lines that replace such columns.</summary>
    internal static IEnumerable<string> Folded(ImmutableArray<TextColumn> columns)
    {
        foreach (var column in columns)
            yield return column.Heading == ResultTable.MismatchHeading
                ? $"check   each exported file differs from the framework's model on {Words.Count(int.Parse(column.Cells[0]), "test image")}"
                : column.Cells[0] == "–"
                    ? "sparse  no variant has pruned layers"
                    : $"sparse  {column.Cells[0]} % of the pruned layers' weights are zero in each variant";
    }

    private static IEnumerable<string> Legend(IReadOnlyList<TrialRow> rows, ImmutableArray<TextColumn> shown, ImmutableArray<TextColumn> varying)
    {
        bool Has(string heading) => shown.Any(column => column.Heading == heading);
        var p = Has(ResultTable.PValueHeading) ? ", p McNemar" : "";
        var zeros = Has(ResultTable.SparsityHeading) ? ", zeros % of the pruned layers' exported weights" : "";
        var mismatches = Has(ResultTable.MismatchHeading) ? ", mism. test images predicted otherwise than by the framework's model" : "";
        var some = rows.Any(row => row is { Result: not null, Reused: true }) && rows.Any(row => row is { Result: not null, Reused: false });
        var reused = some ? ", r reused" : "";
        yield return $"[95 % interval of the paired difference]{p}{zeros}{mismatches}{reused}";
        if (shown.Length < varying.Length)
            yield return $"Left out at this width: {string.Join(", ", varying.Except(shown).Select(column => column.Heading))}; --csv FILE has all.";
        yield return "";
    }

    private static string? BudgetHint(SweepSpec spec, SweepStatus status)
    {
        if (status.State != SweepState.BudgetReached)
            return null;
        ImmutableArray<string> limits =
        [
            .. spec.Budget.Wall is { } wall ? new[] { $"budget.wall ({Words.Clock(wall)})" } : [],
            .. spec.Budget.Trials is { } trials ? new[] { $"budget.trials ({trials})" } : [],
        ];
        return $"Budget of this run reached: {Words.Count(status.Waiting, "trial")} left; run the same command again for as much once more, "
            + $"or raise {string.Join(" or ", limits)} in the spec.";
    }

    private static string Distinct(IEnumerable<string> values) => string.Join(" or ", values.Distinct());
}
