using System.Collections.Immutable;
using System.Xml.Linq;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Sweeps;
using static SparseGrid.Console.Reports.Html.Tags;

namespace SparseGrid.Console.Reports.Html;

/// <summary>The measured table, with what has to be said below it, and the replicates.</summary>
internal static class ResultSection
{
    /// <summary>The console's columns, with the interval of top-1 and the changed predictions; null where nothing is finished.</summary>
    public static XElement? Measured(ReportContent content)
    {
        var (rows, goals) = (content.Document.Rows, content.Spec.Goals);
        var columns = ResultTable.Columns(rows, goals);
        if (columns.IsEmpty)
            return null;

        var finished = TrialTree.Order(rows, row => row.Index, row => row.Parent).Where(entry => entry.Trial.Result is not null).ToImmutableArray();
        var (varying, same) = (columns.Skip(2).Where(column => !ResultReport.IsFolded(column)).ToArray(), columns.Where(ResultReport.IsFolded).ToImmutableArray());
        bool Has(string heading) => varying.Any(column => column.Heading == heading);
        var legend = (Has(ResultTable.SparsityHeading) ? "Zeros: of the pruned layers' exported weights. " : "")
            + (Has(ResultTable.MismatchHeading) ? "mism.: images that the file and the training framework class differently. " : "");
        return Section(
            "Measured",
            Table(
                ["variant", "#top-1 %", .. varying.Select(column => (column.Left ? "" : "#") + column.Heading), "#lost / gained / other"],
                finished.Select((entry, line) => new TableRow(
                    entry.Trial.Index == content.Document.Recommendation.Index ? "best" : null,
                    [
                        Name(entry.Trial, entry.Depth), Top1(entry.Trial.Result!.Test), .. varying.Select(column => column.Cells[line]), Changed(entry.Trial),
                    ]))),
            ResultReport.Folded(same).Select(line => Tag("p", "quiet", line.Replace("check   ", "Check: ").Replace("sparse  ", "Sparse: ") + ".")),
            Tag("p", "quiet",
                $"Top-1 of the exported file in {RuntimeWords.Evaluated(content.Spec)}, with its 95 % Wilson interval; the difference to the dense FP32 ancestor is paired image by image "
                + $"(95 % Newcombe interval, exact McNemar p). {legend}Goals, in the order of the spec, "
                + "are judged on the validation images. Lost, gained, other: images whose class changed against the dense ancestor's."),
            RuntimeWords.Timed(content.Spec) is { } timed ? Tag("p", "quiet", timed) : null);
    }

    /// <summary>Mean and spread over the seeds; null without replicates.</summary>
    public static XElement? Replicates(IReadOnlyList<TrialRow> rows)
    {
        var summaries = ReplicateSummary.Of(rows);
        return summaries.IsEmpty ? null : Section(
            "Replicates",
            Table(
                ["configuration", "#n", "seeds", "#top-1 %", "#vs dense, points", "#speed-up", "diverged"],
                summaries.Select(summary => new TableRow(
                    null, summary.Path, $"{summary.Seeds.Length}", string.Join(", ", summary.Seeds), ReplicateTable.Percent(summary.Top1),
                    ReplicateTable.Points(summary.Difference), ReplicateTable.Times(summary.SpeedUp),
                    summary.Diverged == 0 ? "–" : $"{summary.Diverged}"))),
            Tag("p", "quiet", "Mean ± sample standard deviation over the seeds."));
    }

    private static XElement Name(TrialRow row, int depth) => Tag(
        "span", null, new XAttribute("style", $"padding-left:{1.1 * depth:0.0}em"),
        Link(VariantDetails.Anchor(row), TrialTree.Leaf(row.Path, 0)), row.Result!.Diverged ? " (diverged)" : null);

    private static object[] Top1(Accuracy test) =>
        [new XElement("b", Words.Percent(test.Top1)), " ", Tag("span", "quiet", $"[{Words.Percent(test.Top1Low)}, {Words.Percent(test.Top1High)}]")];

    private static string Changed(TrialRow row) => row.Parent < 0 ? "" : $"{row.Result!.Test.Lost} / {row.Result.Test.Gained} / {row.Result.Test.OtherwiseWrong}";
}
