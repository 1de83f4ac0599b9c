namespace SparseGrid.Compression.Tensors.PyTorch;

/// <summary>A run of values in the archive that tensors are views of.</summary>
/// <param name="Key">Its entry below data/.</param>
/// <param name="Type">As arrays here have it; booleans are U8.</param>
/// <param name="Count">Number of values.</param>
internal sealed record PyTorchStorage(string Key, ElementType Type, long Count);
