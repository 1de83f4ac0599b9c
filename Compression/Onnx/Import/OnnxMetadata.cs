using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx.Schema;

namespace SparseGrid.Compression.Onnx.Import;

/// <summary>Metadata of ONNX files.</summary>
internal static class OnnxMetadata
{
    /// <summary>What an export writes as producer; so a file with it has its source's producer as a property.</summary>
    public const string Producer = "SparseGrid";

    /// <summary>The property that names the form of a quantized file.</summary>
    public const string DialectKey = "sparsegrid.dialect";

    /// <summary>The property that names what wrote the file that a network came from.</summary>
    public const string ProducerKey = "sparsegrid.source.producer";

    /// <summary>What a file says of itself, without the properties that an export writes.</summary>
    public static SourceMetadata Of(ModelProto model)
    {
        var properties = model.MetadataProps.Select(property => new SourceProperty(property.Key, property.Value)).ToArray();
        var producer = model.ProducerName == Producer
            ? properties.FirstOrDefault(property => property.Key == ProducerKey)?.Value
            : Given($"{model.ProducerName} {model.ProducerVersion}".Trim());
        var batch = model.Graph.Input.Select(input => input.Type?.TensorType?.Shape?.Dim is [var first, ..] ? first.DimParam : "").FirstOrDefault(name => name.Length > 0);
        return new(
            model.Graph.Name, Given(model.Graph.DocString), Given(model.DocString), Given(model.Domain), model.HasModelVersion ? model.ModelVersion : null, batch, producer,
            [.. properties.Where(property => property.Key is not (DialectKey or ProducerKey))]);
    }

    private static string? Given(string text) => text.Length > 0 ? text : null;
}
