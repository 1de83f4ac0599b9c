using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using SparseGrid.Contracts.Spec.Reading;

namespace SparseGrid.Contracts.Tests.Spec;

/// <summary>Writes the JSON schema that the reader's vocabulary stands for; sections that several keys share become definitions.</summary>
internal sealed class SchemaOfVocabulary
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Dictionary<object, string> shared = new(ReferenceEqualityComparer.Instance);
    private readonly JsonObject definitions = [];

    public static string Write() => new SchemaOfVocabulary().Root().ToJsonString(Layout) + "\n";

    private JsonObject Root()
    {
        var places = new List<(Section Section, string Name)>();
        Gather(SpecVocabulary.Root, places);
        foreach (var group in places.GroupBy(place => (object)place.Section, ReferenceEqualityComparer.Instance).Where(group => group.Count() > 1))
            shared[group.Key] = group.First().Name;

        var root = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "SparseGrid sweep",
            ["description"] = "One named exploration: a tree of variants of a CNN (dense, 2:4 sparse, INT8), the goals they are judged by, and what may be spent.",
        };
        foreach (var (name, value) in Object(SpecVocabulary.Root, axes: false).ToList())
        {
            value?.Parent?.AsObject().Remove(name);
            root[name] = value;
        }

        root["$defs"] = definitions;
        return root;
    }

    private static void Gather(Section section, List<(Section Section, string Name)> places)
    {
        foreach (var key in section.Keys)
        {
            if (key.Shape is not Section below)
                continue;
            places.Add((below, key.Name));
            Gather(below, places);
        }
    }

    private JsonObject Object(Section section, bool axes)
    {
        var properties = new JsonObject();
        foreach (var key in section.Keys)
            properties[key.Name] = Key(key, axes || key.Axes);

        var node = new JsonObject { ["type"] = "object", ["additionalProperties"] = false };
        if (section.Short is { } named && section.Keys.First(key => key.Name == named).Shape is Text text)
        {
            // The words for objects hold for objects alone, the pattern for texts alone.
            node["type"] = new JsonArray("object", "string");
            node["pattern"] = text.Pattern;
        }

        // What another key takes the place of is left to the reader.
        if (section.Keys.Any(key => key.Required && key.Unless.IsEmpty))
            node["required"] = new JsonArray([.. section.Keys.Where(key => key.Required && key.Unless.IsEmpty).Select(key => (JsonNode)key.Name)]);
        node["properties"] = properties;
        return node;
    }

    private JsonObject Key(SpecKey key, bool axes)
    {
        var node = new JsonObject { ["description"] = key.Description };
        if (key.Default is not null)
            node["default"] = key.Default is ImmutableArray<string> words ? words[0] : JsonSerializer.SerializeToNode(key.Default);

        if (key.Shape is Section section && shared.TryGetValue(section, out var definition))
        {
            if (!definitions.ContainsKey(definition))
            {
                definitions[definition] = new JsonObject();
                definitions[definition] = Object(section, axes);
            }

            node["$ref"] = $"#/$defs/{definition}";
        }
        else if (key.Shape is ScalarShape or LayerList && axes)
        {
            var choice = new JsonObject { ["type"] = "array", ["minItems"] = 1, ["uniqueItems"] = true, ["items"] = Value(key.Shape, axes) };
            node["anyOf"] = new JsonArray(
                Value(key.Shape, axes),
                new JsonObject
                {
                    ["type"] = "object",
                    ["additionalProperties"] = false,
                    ["required"] = new JsonArray("choice"),
                    ["properties"] = new JsonObject { ["choice"] = choice },
                });
        }
        else
        {
            foreach (var (name, value) in Value(key.Shape, axes).ToList())
            {
                value?.Parent?.AsObject().Remove(name);
                node[name] = value;
            }
        }

        return node;
    }

    private JsonObject Value(SpecShape shape, bool axes) => shape switch
    {
        Section section => Object(section, axes),
        WholeNumber whole => new() { ["type"] = "integer", ["minimum"] = whole.Least, ["maximum"] = whole.Most },
        RealNumber real => new()
        {
            ["type"] = "number",
            [real.Above ? "exclusiveMinimum" : "minimum"] = real.Least,
            [real.Below ? "exclusiveMaximum" : "maximum"] = real.Most,
        },
        ShareOrNumber => new() { ["anyOf"] = new JsonArray(Value(ShareOrNumber.Share, axes), Value(ShareOrNumber.Number, axes)) },
        Truth => new() { ["type"] = "boolean" },
        Word word => new() { ["enum"] = Words(word.Words) },
        Text text => new() { ["type"] = "string", ["pattern"] = text.Pattern },
        PatternName => new() { ["type"] = "string", ["pattern"] = PatternName.Pattern },
        Duration => new() { ["type"] = "string", ["pattern"] = Duration.Pattern },
        AtMost goal => new() { ["type"] = "string", ["pattern"] = goal.Pattern },
        ChannelNumbers numbers => new()
        {
            ["anyOf"] = new JsonArray(
                Value(numbers.Each, axes),
                new JsonObject { ["type"] = "array", ["minItems"] = 1, ["maxItems"] = ChannelNumbers.Most, ["items"] = Value(numbers.Each, axes) }),
        },
        LayerList list => new()
        {
            ["anyOf"] = new JsonArray(
                Value(LayerList.Layer, axes),
                new JsonObject { ["type"] = "array", ["minItems"] = list.MayBeEmpty ? 0 : 1, ["uniqueItems"] = true, ["items"] = Value(LayerList.Layer, axes) }),
        },
        WordList list => new()
        {
            ["anyOf"] = new JsonArray(
                new JsonObject { ["enum"] = Words(list.Words) },
                new JsonObject { ["type"] = "array", ["minItems"] = 1, ["uniqueItems"] = true, ["items"] = new JsonObject { ["enum"] = Words(list.Words) } }),
        },
        _ => throw new InvalidOperationException($"The schema of {shape.GetType().Name} is not written yet; add it here."),
    };

    private static JsonArray Words(ImmutableArray<string> words) => new([.. words.Select(word => (JsonNode)word)]);
}
