namespace SparseGrid.Compression.Graph;

/// <summary>A key and its value, as the owner of a model's file put them into it.</summary>
public sealed record SourceProperty(string Key, string Value);
