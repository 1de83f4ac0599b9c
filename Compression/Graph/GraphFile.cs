using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace SparseGrid.Compression.Graph;

/// <summary>
/// A layer graph as JSON: name, input, output, and each layer with its kind under <c>layer</c> and its settings. Members are in ordinal order and numbers the
/// shortest that read back the same, so equal graphs give equal bytes.
/// </summary>
/// <remarks>Bytes of a graph are part of identities. A layer that gets a new setting must leave it out where it is at its default (null).</remarks>
public static class GraphFile
{
    private static readonly Type[] Layers =
    [
        typeof(Add), typeof(AveragePool), typeof(BatchNorm), typeof(ChannelScale), typeof(ChannelShuffle), typeof(ChannelSlice), typeof(Clip), typeof(Concat),
        typeof(Conv), typeof(Flatten), typeof(Gemm), typeof(GlobalAveragePool), typeof(HardSigmoid), typeof(HardSwish), typeof(MaxPool), typeof(Mul), typeof(Relu),
        typeof(Sigmoid), typeof(Unflatten),
    ];

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // A clip may be open at one side.
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Describe } },
    };

    /// <summary>Every kind of layer that a file can hold.</summary>
    internal static IReadOnlyList<Type> Kinds => Layers;

    /// <summary>The file's bytes, UTF-8.</summary>
    /// <exception cref="NotSupportedException">A layer is of a kind that files do not hold.</exception>
    public static byte[] Write(LayerGraph graph) => JsonSerializer.SerializeToUtf8Bytes(graph, Options);

    /// <summary>The graph of a file.</summary>
    /// <param name="source">What the bytes are, for messages.</param>
    /// <exception cref="InvalidDataException">The bytes are no such file, or the graph cannot run; says why.</exception>
    public static LayerGraph Read(ReadOnlySpan<byte> file, string source)
    {
        try
        {
            var graph = JsonSerializer.Deserialize<LayerGraph>(file, Options);
            if (graph?.Problems().FirstOrDefault() is not { } problem)
                return graph ?? throw Broken(source, "it holds null");
            throw Broken(source, problem);
        }
        catch (Exception fault) when (fault is JsonException or NotSupportedException)
        {
            throw Broken(source, fault.Message);
        }
    }

    private static InvalidDataException Broken(string source, string why) =>
        new($"{source} is no network of this version: {why.TrimEnd('.')}. Give the model's file again, with the version that runs here.");

    private static void Describe(JsonTypeInfo type)
    {
        if (type.Type == typeof(Node))
        {
            type.PolymorphismOptions = new() { TypeDiscriminatorPropertyName = "layer", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization };
            foreach (var kind in Layers)
                type.PolymorphismOptions.DerivedTypes.Add(new(kind, JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.Name)));
        }

        if (type.Kind != JsonTypeInfoKind.Object)
            return;

        // What follows from the rest is left out: a layer's tensors stand under the names that its kind gives them.
        var layer = typeof(Node).IsAssignableFrom(type.Type);
        foreach (var property in type.Properties.Where(property => property.Set is null || (layer && property.Name is ("inputs" or "outputs"))).ToArray())
            type.Properties.Remove(property);

        var order = 0;
        foreach (var property in type.Properties.OrderBy(property => property.Name, StringComparer.Ordinal))
        {
            property.Order = order++;

            // A null that has to be there to be read back.
            if (property.AssociatedParameter is { HasDefaultValue: false })
                property.ShouldSerialize = (_, _) => true;
        }
    }
}
