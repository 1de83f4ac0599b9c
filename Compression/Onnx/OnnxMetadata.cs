using System.Collections.Immutable;

namespace SparseGrid.Compression.Onnx;

/// <summary>What an ONNX file says of itself beside its network, and an exported one keeps: names, descriptions and its owner's own properties.</summary>
/// <param name="GraphName">Name of the graph.</param>
/// <param name="GraphDescription">The graph's doc_string; null for none.</param>
/// <param name="Description">The model's doc_string; null for none.</param>
/// <param name="Domain">The model's domain; null for none.</param>
/// <param name="Version">The model's version; null for none.</param>
/// <param name="BatchName">Name of the axis of images where the batch is open.</param>
/// <param name="Producer">What wrote the file, with its version: pytorch 2.10.0; null where it does not say.</param>
/// <param name="Properties">metadata_props in their order, without the keys that an export writes itself.</param>
public sealed record OnnxMetadata(
    string GraphName, string? GraphDescription, string? Description, string? Domain, long? Version, string BatchName, string? Producer,
    ImmutableArray<KeyValuePair<string, string>> Properties)
{
    /// <summary>The property that names the form of a quantized file.</summary>
    internal const string DialectKey = "sparsegrid.dialect";

    /// <summary>The property that names what wrote the file that a network came from.</summary>
    internal const string ProducerKey = "sparsegrid.source.producer";

    /// <summary>What an export writes as producer; so a file with it has its source's producer as a property.</summary>
    internal const string OwnProducer = "SparseGrid";

    /// <summary>Name of the axis of images where nothing else is known.</summary>
    internal const string UsualBatchName = "N";

    internal static OnnxMetadata Of(Schema.ModelProto model)
    {
        var properties = model.MetadataProps.Select(property => KeyValuePair.Create(property.Key, property.Value)).ToImmutableArray();
        var producer = model.ProducerName == OwnProducer
            ? properties.FirstOrDefault(property => property.Key == ProducerKey).Value
            : Given($"{model.ProducerName} {model.ProducerVersion}".Trim());
        var batch = model.Graph.Input.Select(input => input.Type?.TensorType?.Shape?.Dim is [var first, ..] ? first.DimParam : "").FirstOrDefault(name => name.Length > 0);
        return new(
            model.Graph.Name, Given(model.Graph.DocString), Given(model.DocString), Given(model.Domain), model.HasModelVersion ? model.ModelVersion : null,
            batch ?? UsualBatchName, producer, properties.RemoveAll(property => property.Key is DialectKey or ProducerKey));
    }

    private static string? Given(string text) => text.Length > 0 ? text : null;
}
