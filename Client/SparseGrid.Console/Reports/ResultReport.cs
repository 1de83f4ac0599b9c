using System.Collections.Immutable;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports;

/// <summary>What is shown when a sweep has ended: what holds for all rows, the table, what failed, and last the recommendation.</summary>
public static class ResultReport
{
    /// <summary>The report, line by line.</summary>
    public static ImmutableArray<string> Lines(SweepSpec spec, SweepStatus status, IReadOnlyList<TrialRow> rows, Recommendation recommendation)
    {
        var columns = ResultTable.Columns(rows, spec.Goals);
        var folded = columns.Where(column => column.IsConstant && column.Heading is ResultTable.SparsityHeading or ResultTable.MismatchHeading && column.IsConstant).ToImmutableArray();
        return
        [
            "",
            Summary(status),
            .. Setting(spec, rows, folded),
            "",
            .. columns.IsEmpty ? [] : TextTable.Lines([.. columns.Except(folded)]),
            .. columns.IsEmpty ? [] : Legend(rows, folded),
            .. Unfinished(rows),
            .. SparsityVerdict.Line(rows) is { } verdict ? new[] { verdict } : [],
            recommendation.Reason,
        ];
    }

    private static string Summary(SweepStatus status)
    {
        var ended = status.State switch
        {
            SweepState.Finished => "",
            SweepState.Stopped => ", stopped",
            SweepState.BudgetReached => ", budget reached",
            _ => ", still active",
        };
        var left = status.Waiting > 0 ? $", {status.Waiting} left" : "";
        var elapsed = status.Ended is { } end ? $", {Words.Clock(end - status.Submitted)}" : "";
        return $"sweep   {status.Sweep}: {status.Finished} of {Words.Count(status.Trials, "trial")} finished ({status.Reused} reused), {status.Failed} failed{left}{ended}{elapsed}";
    }

    private static IEnumerable<string> Setting(SweepSpec spec, IReadOnlyList<TrialRow> rows, ImmutableArray<TextColumn> folded)
    {
        ImmutableArray<VariantResult> results = [.. rows.Where(row => row.Result is not null).Select(row => row.Result!)];
        if (results.IsEmpty)
            yield break;

        var places = results.Select(result => result.Stages[^1].Provenance).ToImmutableArray();
        yield return $"device  {Distinct(places.Select(place => place.Device))}; {Distinct(places.Select(place => place.Versions))}";

        var seeds = rows.Select(row => row.Seed).Distinct().Order().ToImmutableArray();
        yield return $"model   {spec.Model.Network}; {(seeds.Length == 1 ? "seed" : "seeds")} {string.Join(", ", seeds)}; {spec.Numerics.Device}, {Words.Count(spec.Numerics.Threads, "thread")} a slot";

        var latency = Distinct(results.Select(result => $"batch {result.Latency.Batch}, {Words.Count(result.Latency.Threads, "thread")}, {Words.Count(result.Latency.Runs, "run")}"));
        yield return $"top-1   of the exported file in {spec.Measure.Runtime}, {Distinct(results.Select(result => Words.Count(result.Test.Images, "test image")))}; latency: {latency}, interleaved with dense FP32";

        if (!spec.Goals.IsEmpty)
            yield return $"goals   on {Distinct(results.Select(result => Words.Count(result.Validation.Images, "validation image")))}: {string.Join(", ", spec.Goals.Select(GoalCheck.Words))}";

        foreach (var column in folded)
            yield return column.Heading == ResultTable.MismatchHeading
                ? $"check   each exported file differs from the framework's model on {Words.Count(int.Parse(column.Cells[0]), "test image")}"
                : column.Cells[0] == "–" ? "sparse  no variant has pruned layers" : $"sparse  {column.Cells[0]} % of the pruned layers' weights are zero in each variant";
    }

    private static IEnumerable<string> Legend(IReadOnlyList<TrialRow> rows, ImmutableArray<TextColumn> folded)
    {
        var zeros = folded.Any(column => column.Heading == ResultTable.SparsityHeading) ? "" : ", zeros % of the pruned layers' exported weights";
        var mismatches = folded.Any(column => column.Heading == ResultTable.MismatchHeading) ? "" : ", mism. test images predicted otherwise than by the framework's model";
        var reused = rows.Any(row => row is { Result: not null, Reused: true }) && rows.Any(row => row is { Result: not null, Reused: false }) ? ", r reused" : "";
        yield return $"[95 % interval of the paired difference], p McNemar{zeros}{mismatches}{reused}";
        yield return "";
    }

    private static IEnumerable<string> Unfinished(IReadOnlyList<TrialRow> rows)
    {
        foreach (var row in rows.Where(row => row.State == TrialState.Failed))
            yield return $"failed  {row.Path} ({row.Variant.Short}): {OneLine(row.Failure ?? "no reason was recorded")}";
        foreach (var row in rows.Where(row => row.Result is { Diverged: true }))
            yield return $"diverged  {row.Path} ({row.Variant.Short}): its training did not converge; its figures are those of a network that does not work";
    }

    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string Distinct(IEnumerable<string> values) => string.Join(" or ", values.Distinct());
}
