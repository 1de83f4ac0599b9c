using System.Collections.Immutable;
using SparseGrid.Compression.Analysis;
using SparseGrid.Console.Reports;

namespace SparseGrid.Console.Quick;

/// <summary>A quick analysis on a terminal.</summary>
internal static class QuickReport
{
    private const int MostLayers = 10;
    private const int MostFlips = 10;

    /// <summary>The lines.</summary>
    /// <param name="width">Sentences are broken there; null breaks none.</param>
    public static IEnumerable<string> Lines(QuickResult result, int? width) =>
        All(result).SelectMany(line => line.Sentence && width is { } columns ? TextWrap.Lines(line.Text, columns, 8) : [line.Text]);

    private static IEnumerable<(string Text, bool Sentence)> All(QuickResult result)
    {
        static (string, bool) Say(string text) => (text, true);
        static IEnumerable<(string, bool)> Show(ImmutableArray<TextColumn> columns) => TextTable.Lines(columns).Select(line => (line, false));

        yield return Say("");
        yield return Say($"network {QuickWords.Network(result.Model)}");
        yield return Say($"images  {QuickWords.Images(result.Images)}");
        yield return Say($"device  {result.Environment.Device}; {result.Environment.Versions}; {Words.Count(result.Environment.Threads, "thread")}");
        if (QuickWords.SameClass(result.Model) is { } same)
            yield return Say($"check   {same}");
        foreach (var note in QuickWords.Notes(result))
            yield return Say($"note    {note}");
        if (!result.Complete)
            yield return Say("stopped before the end: what follows is what was done by then");
        if (result.Dense is not null)
        {
            yield return Say("");
            foreach (var line in Show(QuickTables.Methods(result)))
                yield return line;
            yield return Say($"[{QuickWords.Legend}{(result.Best is null ? "" : "; * the best on the images to choose by")}]");
        }

        if (!result.Layers.IsEmpty)
        {
            var layers = QuickWords.Costliest(result);
            yield return Say("");
            yield return Say($"{QuickWords.Layers(result)}; costliest first:");
            foreach (var line in Show(QuickTables.Layers([.. layers.Take(MostLayers)], result.Images.HasLabels)))
                yield return line;
            if (layers.Length > MostLayers)
                yield return Say($"The report has the other {layers.Length - MostLayers}.");
        }

        if (result.Best is not null)
        {
            yield return Say("");
            yield return Say(QuickWords.Flips(result) + (result.Flips.IsEmpty ? "." : "; by how much its class leads over the other:"));
            if (!result.Flips.IsEmpty)
                foreach (var line in Show(QuickTables.Flips(result, MostFlips)))
                    yield return line;
            if (result.Flips.Length > MostFlips)
                yield return Say($"The JSON document has the other {result.Flips.Length - MostFlips}.");
        }

        yield return Say("");
        if (QuickWords.Verdict(result) is { } verdict)
            yield return Say(verdict);
    }
}
