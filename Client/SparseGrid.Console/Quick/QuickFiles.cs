using System.Text;
using SparseGrid.Compression.Analysis;
using SparseGrid.Console.Exports;
using SparseGrid.Console.Reports;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Console.Quick;

/// <summary>The files that a quick analysis leaves in a folder of its own.</summary>
internal sealed class QuickFiles(string folder, string model)
{
    private const string Document = "quick.json";
    private const string Report = "quick.html";

    private string Int8 => $"{model}-int8.onnx";

    /// <summary>Fails before the work where the folder holds something else: the files of an earlier analysis are replaced, nothing else is.</summary>
    /// <exception cref="InputException">It does, or it cannot be written.</exception>
    public void Check()
    {
        if (File.Exists(folder))
            throw new InputException($"--output is {folder}: that is a file. Give a folder.");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !File.Exists(Path.Combine(folder, Document)))
            throw new InputException($"--output is {folder}: it holds other files, among which nothing is written. Give another folder.");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--output is {folder}: cannot be made ({Words.OneLine(fault.Message)}). Give another folder.");
        }
    }

    /// <summary>Writes them, each whole or not at all.</summary>
    /// <returns>What lies where, in words.</returns>
    /// <exception cref="IOException">The disk is full or read-only.</exception>
    public IEnumerable<string> Write(QuickResult result)
    {
        if (result.BestFile is { } file)
        {
            AtomicFile.Write(PathOf(Int8), file);
            yield return $"INT8:   {Path.Combine(folder, Int8)} ({result.Best}, {Words.Fixed(file.Length / 1024.0, 1)} KiB)";
        }

        AtomicFile.Write(PathOf(Document), Encoding.UTF8.GetBytes(JsonDocuments.Text(result) + "\n"));
        AtomicFile.Write(PathOf(Report), Encoding.UTF8.GetBytes(QuickPage.Of(result)));
        yield return $"Report: {Path.Combine(folder, Report)}, as JSON {Path.Combine(folder, Document)}";
    }

    /// <summary>Takes the folder away again where nothing was written.</summary>
    public void RemoveIfEmpty()
    {
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
            Directory.Delete(folder);
    }

    private string PathOf(string name) => Path.GetFullPath(Path.Combine(folder, name));
}
