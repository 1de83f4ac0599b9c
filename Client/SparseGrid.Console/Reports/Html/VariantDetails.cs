using System.Globalization;
using System.Xml.Linq;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Sweeps;
using static SparseGrid.Console.Reports.Html.Tags;

namespace SparseGrid.Console.Reports.Html;

/// <summary>Everything about one finished variant, folded away: stages, settings, layers, changed predictions.</summary>
internal static class VariantDetails
{
    /// <summary>Where links to it lead.</summary>
    public static string Anchor(TrialRow row) => string.Create(CultureInfo.InvariantCulture, $"#trial-{row.Index}");

    /// <summary>The details; open for the recommended variant.</summary>
    public static XElement Of(TrialRow row, ReportContent content, bool recommended)
    {
        var result = row.Result!;
        var parent = content.Document.Rows.FirstOrDefault(other => other.Index == row.Parent);
        return new XElement(
            "details", recommended ? new XAttribute("open", "open") : null,
            new XElement(
                "summary", Tag("span", "path", row.Path), recommended ? Tag("span", "badge", "recommended") : null, Tag("span", "quiet", Brief(result))),
            new XElement(
                "div", new XAttribute("id", Anchor(row)[1..]),
                Tag("p", "facts",
                    $"{row.Kind.ToString().ToLowerInvariant()}, seed {row.Seed}", parent is null ? null : ", made from ", parent is null ? null : Link(Anchor(parent), parent.Path),
                    row.Reused ? "; the whole result was there before this run" : null, ". Recipe ", Tag("code", null, row.Variant.Value)),
                result.Stages.SelectMany(stage => stage.Notes).Distinct().Select(note => Tag("p", "note", Words.OneLine(note))),
                new XElement("h4", "Stages"), Stages(row, content),
                new XElement("h4", "Settings"), SettingsTable.Of(result.Recipe.Stages),
                result.Sparsity.IsEmpty ? null : new XElement("h4", "Layers"), result.Sparsity.IsEmpty ? null : Layers(result),
                FlipsSection.Of(row, content.Flips)));
    }

    private static string Brief(VariantResult result) =>
        $"{Words.Percent(result.Test.Top1)} %, {Words.Times(result.Latency.SpeedUp)}, {Words.Fixed(result.FileBytes / 1024.0, 1)} KiB{(result.Diverged ? ", diverged" : "")}";

    private static XElement Stages(TrialRow row, ReportContent content) => Table(
        ["stage", "#took", "made", "what", "numbers"],
        row.Result!.Stages.Select(stage => new TableRow(
            null, stage.Kind, Took(stage.Provenance.Duration), Made(stage, row, content),
            stage.Artifacts.Select(made => Tag(
                "span", "setting", made.Key + " ", new XElement("code", new XAttribute("title", made.Value), made.Value[..Math.Min(8, made.Value.Length)]))),
            stage.Numbers.Select(number => Tag(
                "span", "setting", number.Key.Replace('_', ' ') + " ", new XElement("b", number.Value.ToString("G6", CultureInfo.InvariantCulture)))))));

    // A record does not say for whom it was made: what started before the submission was there, and what two variants share one of them made.
    private static string Made(StageRecord stage, TrialRow row, ReportContent content)
    {
        if (stage.Provenance.Started < content.Document.Sweep.Submitted)
            return "reused: earlier run";
        var first = content.Document.Rows.First(other => other.Index == row.Index || (other.Result is { } result && result.Stages.Any(made => made.Key == stage.Key)));
        return first.Index == row.Index ? "this run" : $"reused: made for {first.Path}";
    }

    private static string Took(TimeSpan span) => span.TotalSeconds switch
    {
        < 0.1 => $"{Words.Fixed(span.TotalMilliseconds, 1)} ms",
        < 10 => $"{Words.Fixed(span.TotalSeconds, 2)} s",
        _ => Words.Clock(span),
    };

    // Times of kernels stand there where a runtime tells them.
    private static XElement Layers(VariantResult result)
    {
        var timed = result.Sparsity.Any(layer => layer.DenseMicroseconds is not null || layer.SparseMicroseconds is not null);
        string[] times = timed ? ["#dense us", "#2:4 us"] : [];
        return Table(
            ["layer", "weight", "2:4", "#zeros %", "kernel", .. times, "why", "numbers"],
            result.Sparsity.Select(layer => new TableRow(
                null,
                [
                    layer.Layer, layer.Shape, State(layer), Words.Fixed(100.0 * layer.Zeros / Math.Max(1, layer.Weights), 1), layer.Kernel ?? (layer.SparseKernel ? "sparse" : "dense"),
                    .. timed ? new object[] { Microseconds(layer.DenseMicroseconds), Microseconds(layer.SparseMicroseconds) } : [],
                    layer.Why, Numbers(layer, result.Recipe.Kind),
                ])));
    }

    private static string Microseconds(double? time) => time is { } known ? Words.Fixed(known, 1) : "–";

    private static string Numbers(LayerSparsity layer, VariantKind kind) => layer switch
    {
        { Quantized: false } => $"float32: {layer.WhyQuantized}",
        { Quantized: true } => $"int8: {layer.WhyQuantized}",
        _ => kind is VariantKind.Ptq or VariantKind.Qat ? "int8" : "float32",
    };

    private static string State(LayerSparsity layer) => layer switch
    {
        { Pruned: true, MaskValid: true } => "pruned, mask valid",
        { Pruned: true } => "pruned, NOT 2:4",
        { Why.Length: > 0 } => "not eligible",
        _ => "not pruned",
    };
}
