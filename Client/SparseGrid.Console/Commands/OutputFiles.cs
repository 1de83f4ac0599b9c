namespace SparseGrid.Console.Commands;

/// <summary>Where a sweep's results are written.</summary>
/// <param name="Folder">Of the grid; the report goes to <c>reports</c> in it.</param>
/// <param name="CommandLine">The command that writes them again.</param>
/// <param name="Json">True writes one JSON document to standard output.</param>
/// <param name="CsvFile">Where the rows go as CSV; null writes none.</param>
/// <param name="HtmlFile">Where the HTML report goes beside the grid's folder; null writes none there.</param>
/// <param name="PlotFile">Where the plot of accuracy and speed goes as SVG; null writes none.</param>
public sealed record OutputFiles(string Folder, string CommandLine, bool Json, string? CsvFile, string? HtmlFile, string? PlotFile);
