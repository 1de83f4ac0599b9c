using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SparseGrid.Grains.Bundles;

/// <summary>JSON of a bundle: camelCase, members in the order of their records, what is null left out. Equal values give equal bytes.</summary>
internal static class BundleJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // A file of its own, never part of a page.
        NewLine = "\n",
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static byte[] Bytes<T>(T value) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(value, Options) + "\n");

    /// <exception cref="InvalidDataException">The bytes are no such document.</exception>
    public static T Read<T>(byte[] bytes, string source)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, Options) ?? throw new InvalidDataException($"{source} is empty. Export the bundle again.");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"{source} cannot be read: {fault.Message} Export the bundle again.", fault);
        }
    }
}
