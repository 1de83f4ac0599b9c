using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using SparseGrid.Compression.Analysis;
using SparseGrid.Console.Reports;
using SparseGrid.Console.Reports.Html;
using static SparseGrid.Console.Reports.Html.Tags;

namespace SparseGrid.Console.Quick;

/// <summary>A quick analysis as one page that needs nothing beside it.</summary>
internal static class QuickPage
{
    /// <summary>The page.</summary>
    public static string Of(QuickResult result) => HtmlText.Page(new XElement(
        "html", new XAttribute("lang", "en"),
        PageHead.Of(result.Model.File),
        new XElement(
            "body",
            new XElement("main", Summary(result), Methods(result), Layers(result), Flips(result), Provenance(result)),
            new XElement("script", PageStyle.Script))));

    private static XElement Summary(QuickResult result)
    {
        var verdict = QuickWords.Verdict(result);
        var notes = QuickWords.Notes(result).ToArray();
        return new XElement(
            "header",
            Tag("p", "kicker", "SparseGrid quick: INT8 without training"),
            new XElement("h1", result.Model.File),
            Tag("p", verdict is null || QuickWords.IsSlower(result) ? "verdict none" : "verdict", verdict ?? "It was stopped before a method was evaluated."),
            result.Complete ? null : Tag("p", "note", "It was stopped before the end: the page shows what was done by then."),
            result is { BestMethod: { } best, Dense: { } dense } ? Figures(result, best, dense) : null,
            notes.Length == 0 ? null : Tag("ul", "remarks", notes.Select(note => new XElement("li", note))));
    }

    private static XElement Figures(QuickResult result, QuickMethod best, QuickFigures dense) => Tag(
        "dl", "figures",
        best.Evaluation.Top1 is { } top1
            ? Figure("top-1", $"{Words.Percent(top1)} %", $"{Words.Points(top1 - dense.Top1!.Value)} points against dense, {Words.Count(result.Images.Evaluation, "image")}")
            : Figure("agreement with dense", $"{Words.Percent(best.Evaluation.Agreement)} %", Words.Count(result.Images.Evaluation, "image")),
        best.Latency is { } latency
            ? Figure("speed-up", $"{Words.Fixed(latency.SpeedUp, 2)}x", $"{Words.Fixed(latency.MedianMs, 3)} ms a call, dense {Words.Fixed(latency.DenseMedianMs, 3)}")
            : null,
        Figure("file", $"{Words.Fixed(best.Bytes / 1024.0, 1)} KiB", $"{Words.Fixed(100.0 * best.Bytes / result.Model.DenseBytes, 0)} % of dense"),
        Figure("changed classes", $"{result.Flips.Length}", $"of {Words.Count(result.Images.Evaluation, "image")}"));

    private static XElement Figure(string name, string value, string beside) => Tag("div", null, new XElement("dt", name), Tag("dd", "value", value), Tag("dd", "quiet", beside));

    private static XElement? Methods(QuickResult result) => result.Dense is null ? null : Section(
        "Calibration methods",
        Shown(QuickTables.Methods(result), line => line > 0 && result.Methods[line - 1].Method == result.Best ? "best" : null),
        Tag("p", "quiet", $"On the {Words.Count(result.Images.Evaluation, "image")} to evaluate; the best (*) was chosen on {result.Images.Choice} others. {Sentence(QuickWords.Legend)}."));

    private static XElement? Layers(QuickResult result)
    {
        if (result.Layers.IsEmpty)
            return null;
        var layers = QuickWords.Costliest(result);
        var largest = Math.Max(double.Epsilon, layers[0].Figures.ScoreError);
        var columns = QuickTables.Layers(layers, result.Images.HasLabels);
        return Section(
            "What each layer costs",
            Tag("p", "quiet", QuickWords.Layers(result) + ", costliest first."),
            Table(
                [.. Headings(columns), ""],
                layers.Select((layer, line) => new TableRow(null, [.. columns.Select(column => (object)column.Cells[line]), Bar(layer.Figures.ScoreError / largest)]))));
    }

    private static XElement Bar(double share) => Tag(
        "span", null,
        new XAttribute("style", string.Create(CultureInfo.InvariantCulture, $"display:block;height:.7em;margin-top:.35em;min-width:1px;width:{12 * share:0.00}rem;background:var(--ptq)")), "");

    private static XElement? Flips(QuickResult result)
    {
        if (result.Best is null)
            return null;
        ImmutableArray<FlippedPicture> shown = [.. result.Flips.Where(flip => flip.Pixels is not null)];
        return Section(
            "Changed classes",
            new XElement("p", QuickWords.Flips(result) + "."),
            shown.IsEmpty ? null : Tag("div", "flips", Tag("ul", null, shown.Select(flip => Picture(result, flip)))),
            result.Flips.IsEmpty ? null : Shown(QuickTables.Flips(result, int.MaxValue), _ => null),
            result.Flips.IsEmpty ? null : Tag("p", "quiet", "Dense by, INT8 by: how far the score of the class that it takes lies above that of the class that the other takes."));
    }

    private static XElement Picture(QuickResult result, FlippedPicture flip)
    {
        var (before, after) = (QuickWords.Class(result, flip.Before), QuickWords.Class(result, flip.After));
        var words = $"{flip.Image}: {(flip.Label is { } own ? $"labelled {QuickWords.Class(result, own)}, " : "")}dense says {before}, INT8 {after}";
        var pixels = flip.Pixels!;
        return Tag(
            "li", null,
            new XElement(
                "img", new XAttribute("src", Thumbnail.Address(pixels.Values, pixels.Channels, pixels.Height, pixels.Width)),
                new XAttribute("alt", words), new XAttribute("title", words), new XAttribute("loading", "lazy")),
            flip.Label is { } label ? Tag("span", "label", QuickWords.Class(result, label)) : null, Tag("span", "change", $"{before} → {after}"));
    }

    private static XElement Provenance(QuickResult result)
    {
        (string Name, string? Value)[] facts =
        [
            ("network", QuickWords.Network(result.Model)), ("SHA-256", result.Model.Sha256), ("images", QuickWords.Images(result.Images)), ("check", QuickWords.SameClass(result.Model)),
            ("device", result.Environment.Device), ("versions", result.Environment.Versions), ("threads", $"{result.Environment.Threads}"),
            ("latency", result.BestMethod?.Latency is { } latency
                ? $"batch {latency.Batch}, {Words.Count(latency.Threads, "thread")}, {QuickOptions.WarmupRuns} calls to warm up, {latency.Runs} counted, each in turn with the dense float file"
                : null),
        ];
        return Section(
            "Provenance",
            Tag("dl", "provenance", facts.Where(fact => fact.Value is not null).Select(fact => new[] { new XElement("dt", fact.Name), new XElement("dd", fact.Value) })))!;
    }

    private static XElement Shown(ImmutableArray<TextColumn> columns, Func<int, string?> css) => Table(
        Headings(columns), Enumerable.Range(0, columns[0].Cells.Length).Select(line => new TableRow(css(line), [.. columns.Select(column => (object)column.Cells[line])])));

    private static string[] Headings(ImmutableArray<TextColumn> columns) => [.. columns.Select(column => (column.Left ? "" : "#") + column.Heading)];

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
