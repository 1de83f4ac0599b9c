using SparseGrid.Console.Embedded;

namespace SparseGrid.Console.Commands;

/// <summary>What <c>sparsegrid run</c> was asked.</summary>
/// <param name="Json">True writes one JSON document to standard output, and progress to standard error.</param>
/// <param name="CsvFile">Where the rows go as CSV; null writes none.</param>
/// <param name="HtmlFile">Where the HTML report goes beside the grid's folder; null writes none there.</param>
/// <param name="PlotFile">Where the plot of accuracy and speed goes as SVG; null writes none.</param>
public sealed record RunArguments(string SpecFile, EmbeddedSettings Settings, bool Json, string? CsvFile, string? HtmlFile = null, string? PlotFile = null)
{
    /// <summary>The command that goes on where this one stopped.</summary>
    public string CommandLine => string.Join(' ',
    [
        "sparsegrid run", Shell(SpecFile),
        .. Settings.Folder == CommandLineParser.DefaultFolder ? Array.Empty<string>() : ["--folder", Shell(Settings.Folder)],
        .. Settings.Slots == 1 ? Array.Empty<string>() : [$"--slots {Settings.Slots}"],
        .. (Settings.Set ?? []).Select(setting => $"--set {Shell(setting)}"),
        .. Json ? ["--json"] : Array.Empty<string>(),
        .. CsvFile is null ? Array.Empty<string>() : ["--csv", Shell(CsvFile)],
        .. HtmlFile is null ? Array.Empty<string>() : ["--html", Shell(HtmlFile)],
        .. PlotFile is null ? Array.Empty<string>() : ["--plot", Shell(PlotFile)],
    ]);

    /// <summary>What of it is to be written where.</summary>
    public OutputFiles Files => new(Settings.Folder, CommandLine, Json, CsvFile, HtmlFile, PlotFile);

    private static string Shell(string word) => ShellWord.Of(word);
}
