using System.Xml.Linq;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Sweeps;
using static SparseGrid.Console.Reports.Html.Tags;

namespace SparseGrid.Console.Reports.Html;

/// <summary>The top of the page: the recommendation, what was asked, and the figures that decide.</summary>
internal static class SummarySection
{
    /// <summary>What a reader with half a minute needs.</summary>
    public static XElement Of(ReportContent content)
    {
        var (document, spec) = (content.Document, content.Spec);
        var best = document.Rows.FirstOrDefault(row => row.Index == document.Recommendation.Index);
        var goals = spec.Goals.IsEmpty ? "no goals were set" : $"goals: {string.Join(", ", spec.Goals.Select(GoalCheck.Words))}";
        return new XElement(
            "header",
            Tag("p", "kicker", "SparseGrid sweep"),
            new XElement("h1", spec.Sweep),
            Tag("p", best is null ? "verdict none" : "verdict", document.Recommendation.Reason),
            best is null ? null : Figures(best, document.Rows),
            Tag("p", "asked",
                $"Asked: which compressed version of {ModelWords.Name(spec)} to deploy in {spec.Measure.Runtime}, among {Words.Count(document.Rows.Length, "variant")}; {goals}."),
            Tag("p", "quiet", ResultReport.Summary(document.Sweep)[8..]));
    }

    /// <summary>What the console says below its table: failures, diverged trainings, layers left dense, why sparse is not faster; null where there is nothing.</summary>
    public static XElement? Remarks(ReportContent content)
    {
        var lines = ResultReport.Remarks(content.Spec, content.Document.Sweep, content.Document.Rows).ToArray();
        return lines.Length == 0 ? null : Section("Remarks", Tag("ul", "remarks", lines.Select(line => new XElement("li", line))));
    }

    private static XElement Figures(TrialRow best, IReadOnlyList<TrialRow> rows)
    {
        var result = best.Result!;
        var dense = Lineage.Of(best, rows).Last().Result;
        return Tag(
            "dl", "figures",
            Figure("deploy", new XElement[] { Link(VariantDetails.Anchor(best), best.Path) }, $"recipe {best.Variant.Short}"),
            Figure(
                "top-1, test", $"{Words.Percent(result.Test.Top1)} %",
                best.Parent < 0 ? "the dense network itself" : $"{Words.Points(result.Test.Difference)} points against dense"),
            Figure("speed-up", Words.Times(result.Latency.SpeedUp), result.Latency.IsMeasured ? $"{Words.Milliseconds(result.Latency.MedianMs)} ms a call" : "not measured"),
            Figure(
                "file", $"{Words.Fixed(result.FileBytes / 1024.0, 1)} KiB",
                dense is null ? "" : $"{Words.Percent((double)result.FileBytes / dense.FileBytes)} % of dense"));
    }

    private static XElement Figure(string name, object value, string beside) =>
        Tag("div", null, new XElement("dt", name), Tag("dd", "value", value), Tag("dd", "quiet", beside));
}
