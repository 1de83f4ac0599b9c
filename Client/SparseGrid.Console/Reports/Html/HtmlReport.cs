using System.Collections.Immutable;
using System.Xml.Linq;
using SparseGrid.Contracts.Sweeps;
using static SparseGrid.Console.Reports.Html.Tags;

namespace SparseGrid.Console.Reports.Html;

/// <summary>A sweep as one page that needs nothing beside it: what to deploy, the plots, the table, every variant's details, where it all comes from.</summary>
public static class HtmlReport
{
    private const int MostDetails = 200;

    /// <summary>The page.</summary>
    public static string Page(ReportContent content) => HtmlText.Page(new XElement(
        "html", new XAttribute("lang", "en"),
        PageHead.Of(content.Spec.Sweep),
        new XElement(
            "body",
            new XElement(
                "main",
                SummarySection.Of(content),
                PlotSection.Of(content),
                ResultSection.Measured(content),
                ResultSection.Replicates(content.Document.Rows),
                SummarySection.Remarks(content),
                Details(content),
                ProvenanceSection.Of(content)),
            new XElement("script", PageStyle.Script))));

    private static XElement? Details(ReportContent content)
    {
        var best = content.Document.Recommendation.Index;
        var finished = TrialTree.Order(content.Document.Rows, row => row.Index, row => row.Parent)
            .Select(entry => entry.Trial).Where(row => row.Result is not null).ToImmutableArray();
        ImmutableArray<TrialRow> shown = [.. finished.Where((row, place) => place < MostDetails || row.Index == best)];
        return finished.IsEmpty ? null : Section(
            "Variants",
            shown.Select(row => VariantDetails.Of(row, content, row.Index == best)),
            shown.Length < finished.Length
                ? Tag("p", "quiet", $"Of {finished.Length} variants the first {MostDetails} are shown; the JSON document has all.")
                : null);
    }
}
