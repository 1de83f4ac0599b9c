using System.Text.Json;
using System.Text.Json.Serialization;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>A network's permutations as JSON: what was reordered, why the rest was not, and what it was worth. Equal permutations give equal bytes.</summary>
public static class PermutationFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new ChannelOrder() },
    };

    /// <summary>The file's bytes.</summary>
    public static byte[] Write(NetworkPermutation permutation) => JsonSerializer.SerializeToUtf8Bytes(permutation, Options);

    /// <summary>The permutations of a file.</summary>
    /// <param name="source">What the bytes are, for messages: a path or an artifact's hash.</param>
    /// <exception cref="InvalidDataException">The bytes are no such file, or an order is no permutation; the message says where.</exception>
    public static NetworkPermutation Read(ReadOnlySpan<byte> file, string source)
    {
        try
        {
            return JsonSerializer.Deserialize<NetworkPermutation>(file, Options) ?? throw new JsonException("the file holds nothing");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{source} is not a file of permutations: {e.Message} Write it again or restore it from a copy.", e);
        }
    }

    /// <summary>A permutation as the list of the channels that its places take.</summary>
    private sealed class ChannelOrder : JsonConverter<ChannelPermutation>
    {
        public override ChannelPermutation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new([.. JsonSerializer.Deserialize<int[]>(ref reader, options)!]);

        public override void Write(Utf8JsonWriter writer, ChannelPermutation value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Source.ToArray(), options);
    }
}
