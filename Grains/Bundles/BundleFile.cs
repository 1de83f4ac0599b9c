namespace SparseGrid.Grains.Bundles;

/// <summary>One file of a bundle.</summary>
/// <param name="Name">Its name in the bundle's folder.</param>
/// <param name="Bytes">All of it.</param>
public sealed record BundleFile(string Name, byte[] Bytes);
