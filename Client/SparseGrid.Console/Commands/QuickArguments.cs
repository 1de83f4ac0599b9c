using SparseGrid.Compression.Analysis;

namespace SparseGrid.Console.Commands;

/// <summary>What <c>sparsegrid quick</c> was asked.</summary>
/// <param name="Output">Folder of the INT8 file, the report and the document; null names it after the model.</param>
/// <param name="Json">True writes the document to standard output too, and progress to standard error.</param>
public sealed record QuickArguments(QuickOptions Options, string? Output = null, bool Json = false)
{
    /// <summary>Where the files go.</summary>
    public string Folder => Output ?? $"{Path.GetFileNameWithoutExtension(Options.Model)}-quick";
}
