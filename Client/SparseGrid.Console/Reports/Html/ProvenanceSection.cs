using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using SparseGrid.Contracts.Sweeps;
using static SparseGrid.Console.Reports.Html.Tags;

namespace SparseGrid.Console.Reports.Html;

/// <summary>Where the numbers come from, and the command that makes them again.</summary>
internal static class ProvenanceSection
{
    /// <summary>Devices, versions, seeds, data, times.</summary>
    public static XElement Of(ReportContent content)
    {
        var (spec, document) = (content.Spec, content.Document);
        var results = document.Rows.Where(row => row.Result is not null).Select(row => row.Result!).ToArray();
        var places = results.SelectMany(result => result.Stages).Select(stage => stage.Provenance).ToArray();
        var numerics = results.Select(result => result.Recipe.Numerics).Distinct()
            .Select(own => $"version {own.Version}, libtorch {own.Libtorch}, {own.Device}, {own.Precision}, {own.Executor}, {Words.Count(own.Threads, "thread")} a slot");
        var data = results.Select(result => result.Recipe.Data).Distinct()
            .Select(own => string.Create(
                CultureInfo.InvariantCulture, $"{own.Format}, digest {own.Digest}; validation {own.Validation}, test {own.Test}, split seed {own.SplitSeed}{(own.Normalize is { } normalize ? $"; normalized by mean {normalize.Mean}, std {normalize.Std}" : "")}"));
        (string Name, object? Value)[] facts =
        [
            ("command", new XElement("code", content.Command)),
            ("device", Lines(places.Select(place => place.Device))), ("versions", Lines(places.Select(place => place.Versions))), ("numerics", Lines(numerics)),
            ("network", $"{ModelWords.Name(spec)}{(spec.Model.Width == 0 ? "" : $", width {spec.Model.Width}")}"), ("model file", ModelFile(document.Plan.Model)),
            ("data", Lines(data)),
            ("seeds", string.Join(", ", document.Rows.Select(row => row.Seed).Distinct().Order())),
            ("latency", spec.Measure.Runs == 0 ? "not measured" : $"batch {spec.Measure.Batch}, {(spec.Measure.OnGpu ? "" : Words.Count(spec.Measure.Threads, "thread") + ", ")}"
                + $"{spec.Measure.WarmupRuns} calls to warm up, {spec.Measure.Runs} counted, in turn with the {spec.Measure.Baseline} baseline"),
            ("submitted", Time(document.Sweep.Submitted)), ("ended", document.Sweep.Ended is { } ended ? Time(ended) : "not yet"),
            ("stages", $"executed {Counts(document.Sweep.StagesExecuted)}; reused {Counts(document.Sweep.StagesReused)}"),
            ("recipes", Recipes(content)),
        ];
        var list = facts.Where(fact => fact.Value is not null).Select(fact => new[] { new XElement("dt", fact.Name), new XElement("dd", fact.Value) });
        return Section("Provenance", Tag("dl", "provenance", list))!;
    }

    private static XElement[]? ModelFile(PlannedModel? model) => model is null ? null :
    [
        new("div", ModelWords.Described(model)),
        .. model.Settings.Given is { } given ? new XElement[] { new("div", $"its weights {given.Weights}{(given.Graph is { } graph ? $", its layers {graph}" : "")}") } : [],
        .. model.Notes.Select(note => new XElement("div", note)),
    ];

    private static XElement? Recipes(ReportContent content) => content.Document.Rows.IsEmpty ? null : new XElement(
        "details", new XElement("summary", $"SHA-256 of {Words.Count(content.Document.Rows.Length, "recipe")}"),
        new XElement("ul", content.Document.Rows.Select(row => new XElement("li", new XElement("code", row.Variant.Value), " ", row.Path))));

    private static IEnumerable<XElement>? Lines(IEnumerable<string> values) =>
        values.Distinct().Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } distinct ? distinct.Select(value => new XElement("div", value)) : null;

    private static string Counts(ImmutableSortedDictionary<string, int> counts) => counts.IsEmpty
        ? "none"
        : string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"));

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
