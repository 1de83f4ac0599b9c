using System.Text.Json.Nodes;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>One recorded case: arguments, the reference's inputs and outputs, and how to compare.</summary>
internal sealed class GoldenCase(JsonNode node, GoldenIndex index)
{
    public string Id => node["id"]!.GetValue<string>();

    public string Group => node["group"]!.GetValue<string>();

    public string Function => node["function"]!.GetValue<string>();

    /// <summary>exact, tolerance, magnitude, property, exact by replay or informative.</summary>
    public string Rule => node["compare"]?.GetValue<string>() ?? "exact";

    public string Notes => node["notes"]?.GetValue<string>() ?? "";

    public bool Raises => node["raises"] is not null;

    public JsonNode? Descriptor => Argument("QuantDescriptor");

    public IEnumerable<string> Inputs => Roles("inputs");

    public IEnumerable<string> Outputs => Roles("outputs");

    /// <summary>The inputs batch0, batch1, … in order.</summary>
    public IEnumerable<HostArray> Batches => Enumerable.Range(0, int.MaxValue).Select(batch => Input($"batch{batch}")).TakeWhile(batch => batch is not null)!;

    /// <summary>Everything recorded that is no tensor.</summary>
    public JsonObject Values => node["values"] as JsonObject ?? [];

    public JsonNode? Value(string name) => node["values"]?[name];

    public JsonNode? Argument(string name) => node["args"]?[name];

    public T Argument<T>(string name, T otherwise) => Argument(name) is JsonValue value ? value.GetValue<T>() : otherwise;

    public HostArray? Input(string role) => Find("inputs", role);

    public HostArray? Output(string role) => Find("outputs", role);

    /// <summary>An array's values as float32, whatever floating type it is stored in.</summary>
    public static float[] AsFloats(HostArray array) => array.ToFloats();

    private IEnumerable<string> Roles(string side) => node[side]?.AsObject().Select(entry => entry.Key) ?? [];

    private HostArray? Find(string side, string role) => node[side]?[role] is JsonNode name ? index.Tensor(name.GetValue<string>()) : null;
}
