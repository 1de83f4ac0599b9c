using System.Text;
using SparseGrid.Console.Exports;
using SparseGrid.Console.Reports;
using SparseGrid.Console.Reports.Html;
using SparseGrid.Console.Reports.Plots;
using SparseGrid.Contracts.Spec;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Results;

namespace SparseGrid.Console.Commands;

/// <summary>The files that a run writes when its sweep has ended: the report in the grid's folder, and what the command line asks for.</summary>
internal sealed class RunOutputs(Terminal terminal, OutputFiles files)
{
    /// <summary>Fails before the sweep where a file could not be written after it.</summary>
    /// <exception cref="InputException">Names the option, the file and why.</exception>
    public void Check()
    {
        CheckCanWrite("--csv", files.CsvFile, "CSV");
        CheckCanWrite("--html", files.HtmlFile, "HTML");
        CheckCanWrite("--plot", files.PlotFile, "SVG");
    }

    /// <summary>Writes all files, and says where the report lies.</summary>
    /// <exception cref="InputException">A file that was asked for cannot be written any more.</exception>
    public void Write(SweepSpec spec, ResultDocument document, IArtifactStore artifacts)
    {
        var page = HtmlReport.Page(new(spec, document, files.CommandLine, hash => Flips(artifacts, hash)));
        var kept = WriteReport(spec.Sweep, page, document);
        WriteFile("--csv", files.CsvFile, () => CsvResults.Text(document.Rows, spec.Goals, document.Recommendation));
        WriteFile("--html", files.HtmlFile, () => page);
        WriteFile("--plot", files.PlotFile, () => PlotFile.Text(document));
        if (files.HtmlFile is { } file)
            Say($"Report: {file}");
        else if (kept is not null)
            Say($"Report: {kept}");
    }

    // The table is on the screen and the results are in the folder: a disk that is full now costs the report and nothing else.
    private string? WriteReport(string sweep, string page, ResultDocument document)
    {
        var file = Path.Combine(files.Folder, "reports", $"{sweep}.html");
        try
        {
            AtomicFile.Write(Path.ChangeExtension(file, ".json"), Encoding.UTF8.GetBytes(JsonDocuments.Text(document) + "\n"));
            AtomicFile.Write(file, Encoding.UTF8.GetBytes(page));
            return file;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            terminal.Error.WriteLine($"The report {file} could not be written: {Words.OneLine(fault.Message)} The results are kept; the same command writes it again.");
            return null;
        }
    }

    private void Say(string sentence) => (files.Json ? terminal.Error : terminal.Out).WriteLine(sentence);

    private static FlippedImages? Flips(IArtifactStore artifacts, string hash)
    {
        try
        {
            return FlipsFile.Read(artifacts.Get(hash), $"artifact {hash[..12]}… (flips)");
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null; // The report says that it is not there.
        }
    }

    private static void WriteFile(string option, string? file, Func<string> text)
    {
        if (file is null)
            return;
        try
        {
            File.WriteAllText(file, text());
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{option} is {file}: it could not be written: {Words.OneLine(fault.Message)} The results are kept; the same command writes it again.");
        }
    }

    private static void CheckCanWrite(string option, string? file, string format)
    {
        if (file is null)
            return;
        try
        {
            var there = File.Exists(file);
            using (new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write))
            {
            }

            if (!there)
                File.Delete(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{option} is {file}: cannot be written as {format}: {Words.OneLine(fault.Message)} Give a file in a folder that is there.");
        }
    }
}
