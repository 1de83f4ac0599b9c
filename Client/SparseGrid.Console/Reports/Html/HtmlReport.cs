using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
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
        Head(content.Spec.Sweep),
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

    private static string ScriptHash => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(PageStyle.Script)));

    // No address is ever asked for, and no script runs but the page's own.
    private static XElement Head(string sweep) => new(
        "head",
        new XElement("meta", new XAttribute("charset", "utf-8")),
        new XElement(
            "meta", new XAttribute("http-equiv", "Content-Security-Policy"),
            new XAttribute("content", $"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{ScriptHash}'")),
        new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
        new XElement("meta", new XAttribute("name", "color-scheme"), new XAttribute("content", "light dark")),
        new XElement("title", $"{sweep} – SparseGrid"),
        new XElement("style", PageStyle.Text));

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
