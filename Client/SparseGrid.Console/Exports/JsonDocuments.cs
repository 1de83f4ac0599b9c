using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Console.Exports;

/// <summary>Documents as JSON: camelCase, members in the order of their records, NaN and infinities as strings.</summary>
public static class JsonDocuments
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // Paths hold '+' and '→'; the document goes to a file or a pipe, never into a page.
        WriteIndented = true,
        Converters = { new VariantIdConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The document's text, without a line end.</summary>
    public static string Text<T>(T document) => JsonSerializer.Serialize(document, Options);

    /// <summary>An identity is its digits.</summary>
    private sealed class VariantIdConverter : JsonConverter<VariantId>
    {
        public override VariantId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, VariantId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
