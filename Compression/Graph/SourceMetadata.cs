using System.Collections.Immutable;

namespace SparseGrid.Compression.Graph;

/// <summary>What the file that a network came from says of itself beside its layers, and a file that is exported from it says too.</summary>
/// <param name="GraphName">Name of the graph.</param>
/// <param name="GraphDescription">Description of the graph (doc_string); null for none.</param>
/// <param name="Description">Description of the model (doc_string); null for none.</param>
/// <param name="Domain">The model's domain; null for none.</param>
/// <param name="Version">The model's version; null for none.</param>
/// <param name="BatchName">Name of the axis of images where their number is open; null where it has none.</param>
/// <param name="Producer">What wrote the file, with its version: pytorch 2.10.0; null where it does not say. An exported file has it as a property.</param>
/// <param name="Properties">Keys and values that its owner put into it (metadata_props), in their order.</param>
public sealed record SourceMetadata(
    string GraphName, string? GraphDescription, string? Description, string? Domain, long? Version, string? BatchName, string? Producer,
    ImmutableArray<SourceProperty> Properties);
