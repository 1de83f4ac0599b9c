namespace SparseGrid.Console.Commands;

/// <summary>What <c>sparsegrid export</c> was asked.</summary>
/// <param name="Folder">The grid's folder.</param>
/// <param name="Variant">A path of the tree, an index, the first digits of an identity, or <see cref="Recommended"/>.</param>
/// <param name="Output">The bundle's folder; null names it after sweep and variant.</param>
/// <param name="Batch">Images a call that the file is to take; null leaves any number.</param>
/// <param name="Images">Test images to check by.</param>
public sealed record ExportArguments(string SpecFile, string Folder, string Variant = ExportArguments.Recommended, string? Output = null, int? Batch = null, int Images = ExportArguments.UsualImages)
{
    /// <summary>Stands for the variant that the report recommends.</summary>
    public const string Recommended = "recommended";

    /// <summary>Test images to check by unless told otherwise.</summary>
    public const int UsualImages = 8;
}
