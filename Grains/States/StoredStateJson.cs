using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace SparseGrid.Grains.States;

/// <summary>
/// Writes <c>Schema</c> first into every record with a <see cref="StateSchemaAttribute"/>, and looks at it before anything else is read: a newer form may not even
/// parse as this one.
/// </summary>
public sealed class StoredStateJson : JsonConverterFactory
{
    /// <summary>The member that tells the form. What has none is older than the member.</summary>
    public const string Member = "Schema";

    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsDefined(typeof(StateSchemaAttribute), inherit: false);

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) => (JsonConverter)Activator.CreateInstance(
        typeof(Versioned<>).MakeGenericType(typeToConvert), Plain.GetValue(options, WithMember))!;

    // One set of options for all records of one set: each keeps what reflection found.
    private static readonly ConditionalWeakTable<JsonSerializerOptions, JsonSerializerOptions> Plain = [];

    private static JsonSerializerOptions WithMember(JsonSerializerOptions options)
    {
        var plain = new JsonSerializerOptions(options);
        plain.Converters.Remove(plain.Converters.First(converter => converter is StoredStateJson));
        plain.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(AddMember);
        return plain;
    }

    private static void AddMember(JsonTypeInfo type)
    {
        if (type.Type.GetCustomAttribute<StateSchemaAttribute>(inherit: false) is not { } schema)
            return;

        var member = type.CreateJsonPropertyInfo(typeof(int), Member);
        (member.Get, member.Order) = (_ => schema.Version, int.MinValue);
        type.Properties.Add(member);
    }

    private sealed class Versioned<T>(JsonSerializerOptions plain) : JsonConverter<T>
    {
        private static readonly StateSchemaAttribute Schema = typeof(T).GetCustomAttribute<StateSchemaAttribute>(inherit: false)!;

        public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var found = SchemaOf(reader);
            return found > Schema.Version
                ? throw NewerStateException.Of(Schema.Record, found, Schema.Version)
                : JsonSerializer.Deserialize<T>(ref reader, plain);
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, value, plain);

        // The reader is a copy, so that nothing is consumed. We write the member first; one that stands elsewhere is found too.
        private static long SchemaOf(Utf8JsonReader ahead)
        {
            if (ahead.TokenType != JsonTokenType.StartObject)
                return 0;

            while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
            {
                var isSchema = ahead.ValueTextEquals(Member);
                ahead.Read();
                if (isSchema)
                    return ahead.TokenType == JsonTokenType.Number && ahead.TryGetInt64(out var version) ? version : long.MaxValue;
                ahead.Skip();
            }

            return 0;
        }
    }
}
