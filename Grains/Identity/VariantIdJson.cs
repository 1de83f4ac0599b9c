using System.Text.Json;
using System.Text.Json.Serialization;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Identity;

/// <summary>A variant's identity in JSON: its 64 digits, not an object around them.</summary>
public sealed class VariantIdJson : JsonConverter<VariantId>
{
    /// <inheritdoc/>
    public override VariantId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? throw new JsonException("A variant's identity is null; it has 64 hex digits."));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, VariantId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
