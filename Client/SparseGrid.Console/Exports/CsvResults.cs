using System.Collections.Immutable;
using System.Globalization;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Exports;

/// <summary>All rows as CSV (RFC 4180): a heading, a line for each trial, full precision, invariant culture; cells without a value are empty.</summary>
public static class CsvResults
{
    /// <summary>The file's text; lines end in CR LF, as the format asks.</summary>
    public static string Text(IReadOnlyList<TrialRow> rows, IReadOnlyList<Goal> goals, Recommendation recommendation)
    {
        var columns = Columns(rows, goals, recommendation);
        var lines = rows
            .Select(row => columns.Select(column => column.Cell(row)))
            .Prepend(columns.Select(column => column.Name))
            .Select(cells => string.Join(',', cells.Select(Quote)) + "\r\n");
        return string.Concat(lines);
    }

    private static ImmutableArray<(string Name, Func<TrialRow, string> Cell)> Columns(
        IReadOnlyList<TrialRow> rows, IReadOnlyList<Goal> goals, Recommendation recommendation)
    {
        static Func<TrialRow, string> Of(Func<VariantResult, IFormattable> value) =>
            row => row.Result is { } result ? value(result).ToString(null, CultureInfo.InvariantCulture) : "";
        static Func<TrialRow, string> Timed(Func<Latency, double> value) =>
            row => row.Result is { Latency: { IsMeasured: true } latency } ? value(latency).ToString(CultureInfo.InvariantCulture) : "";
        var held = new SweepGoals(goals, rows);
        return
        [
            ("index", row => Number(row.Index)),
            ("path", row => row.Path),
            ("kind", row => row.Kind.ToString().ToLowerInvariant()),
            ("variant", row => row.Variant.Value),
            ("parent", row => row.Parent < 0 ? "" : Number(row.Parent)),
            ("seed", row => Number(row.Seed)),
            ("state", row => row.State.ToString().ToLowerInvariant()),
            ("reused", row => row.Reused ? "true" : "false"),
            ("recommended", row => row.Index == recommendation.Index ? "true" : "false"),
            ("goals_met", row => row.Result is null || goals.Count == 0 ? "" : MeetsAll(row, held, rows) ? "true" : "false"),
            ("test_top1", Of(result => result.Test.Top1)),
            ("test_images", Of(result => result.Test.Images)),
            ("test_difference", Of(result => result.Test.Difference)),
            ("test_difference_low", Of(result => result.Test.DifferenceLow)),
            ("test_difference_high", Of(result => result.Test.DifferenceHigh)),
            ("test_mcnemar_p", Of(result => result.Test.McNemarP)),
            ("test_top1_low", Of(result => result.Test.Top1Low)),
            ("test_top1_high", Of(result => result.Test.Top1High)),
            ("test_lost", Of(result => result.Test.Lost)),
            ("test_gained", Of(result => result.Test.Gained)),
            ("test_otherwise_wrong", Of(result => result.Test.OtherwiseWrong)),
            ("test_framework_top1", Of(result => result.Test.FrameworkTop1)),
            ("test_mismatches", Of(result => result.Test.Mismatches)),
            ("validation_top1", Of(result => result.Validation.Top1)),
            ("validation_images", Of(result => result.Validation.Images)),
            ("validation_difference", Of(result => result.Validation.Difference)),
            ("latency_median_ms", Timed(latency => latency.MedianMs)),
            ("latency_p99_ms", Timed(latency => latency.P99Ms)),
            ("baseline_median_ms", Timed(latency => latency.BaselineMedianMs)),
            ("baseline_p99_ms", Timed(latency => latency.BaselineP99Ms)),
            ("speed_up", Timed(latency => latency.SpeedUp)),
            ("latency_runs", Of(result => result.Latency.Runs)),
            ("batch", Of(result => result.Latency.Batch)),
            ("threads", Of(result => result.Latency.Threads)),
            ("file_bytes", Of(result => result.FileBytes)),
            ("pruned_sparsity", Of(result => result.PrunedSparsity)),
            ("onnx_sha256", row => row.Result?.Artifact("onnx") ?? ""),
            ("flips_sha256", row => row.Result?.Artifact("flips") ?? ""),
            ("weights_sha256", row => row.Result?.Artifact("weights") ?? ""),
            ("device", row => row.Result?.Stages[^1].Provenance.Device ?? ""),
            ("versions", row => row.Result?.Stages[^1].Provenance.Versions ?? ""),
            ("diverged", row => row.Result is null ? "" : row.Result.Diverged ? "true" : "false"),
            ("failure", row => row.Failure ?? ""),
            ("failure_class", row => row.FailureClass?.Name() ?? ""),
            ("failed_attempts", row => Number(row.Attempts)),
        ];
    }

    private static bool MeetsAll(TrialRow row, SweepGoals goals, IReadOnlyList<TrialRow> rows) =>
        Lineage.Diverged(row, rows) is null && goals.Of(row).All(check => check.Met);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Quote(string cell) => cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"")}\"";
}
