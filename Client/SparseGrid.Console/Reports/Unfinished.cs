using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports;

/// <summary>Trials without a usable result: a line for each reason, not for each trial.</summary>
public static class Unfinished
{
    /// <summary>Failed trials by reason, with what could not run after them; then diverged ones, with what is made from them.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<TrialRow> rows) => [.. FailedLines(rows), .. DivergedLines(rows)];

    private static IEnumerable<string> FailedLines(IReadOnlyList<TrialRow> rows)
    {
        var failed = rows.Where(row => row.State == TrialState.Failed).ToArray();
        var below = failed.ToLookup(row => Lineage.Of(row, rows).Last(at => at.State == TrialState.Failed).Index);
        var origins = failed.Where(row => Lineage.Of(row, rows).Skip(1).All(at => at.State != TrialState.Failed));
        foreach (var group in origins.GroupBy(FailureText.Of))
        {
            var first = group.First();
            var others = group.Count() > 1 ? $" and {Words.Count(group.Count() - 1, "other")}" : "";
            var after = group.Sum(row => below[row.Index].Count() - 1);
            yield return $"failed  {first.Path} ({first.Variant.Short}){others}: {group.Key}{NotRun(after)}";
        }
    }

    private static IEnumerable<string> DivergedLines(IReadOnlyList<TrialRow> rows)
    {
        var touched = rows.Where(row => row.Result is not null).ToLookup(row => Lineage.Diverged(row, rows)?.Index);
        foreach (var row in rows.Where(row => row.Result is { Diverged: true }))
        {
            var made = touched[row.Index].Count(other => other.Index != row.Index);
            var whole = made == 0 ? "" : $" {Words.Count(made, "variant")} made from it {(made == 1 ? "is no candidate" : "are no candidates")} either.";
            yield return $"diverged  {row.Path} ({row.Variant.Short}): {StageNotes.OfDivergence(row.Result!)}{whole}";
        }
    }

    private static string NotRun(int trials) =>
        trials == 0 ? "" : $" {Words.Count(trials, "trial")} that start{(trials == 1 ? "s" : "")} from it did not run.";
}
