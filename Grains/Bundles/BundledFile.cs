namespace SparseGrid.Grains.Bundles;

/// <summary>A file of the bundle; all but the manifest itself are listed.</summary>
public sealed record BundledFile(string Name, long Bytes, string Sha256);
