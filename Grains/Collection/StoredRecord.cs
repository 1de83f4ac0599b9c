namespace SparseGrid.Grains.Collection;

/// <summary>One state record as it is stored.</summary>
/// <param name="Kind">Type of the grain that wrote it: stage, result, sweep.</param>
/// <param name="Key">The grain's key.</param>
/// <param name="Payload">Its JSON.</param>
public sealed record StoredRecord(string Kind, string Key, byte[] Payload);
