namespace SparseGrid.Grains.Collection;

/// <summary>One file of a grid's folder that may be garbage.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Used">When it was written, or used last.</param>
/// <param name="Reason">Why it is not needed; null where it is.</param>
public sealed record GridFile(string Path, long Bytes, DateTimeOffset Used, GarbageReason? Reason);
