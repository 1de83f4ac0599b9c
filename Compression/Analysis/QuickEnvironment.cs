namespace SparseGrid.Compression.Analysis;

/// <summary>What the numbers were made with.</summary>
public sealed record QuickEnvironment(string Device, string Versions, int Threads, string? Caveat);
