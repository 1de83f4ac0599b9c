using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>One family of recorded cases (NAME.json and NAME.safetensors), and the tally of what was compared with them.</summary>
/// <remarks>From the folder that the variable SPARSEGRID_GOLDEN names, else from the copy beside the tests.</remarks>
internal sealed class GoldenFamily
{
    private readonly string name;
    private readonly ImmutableSortedDictionary<string, HostArray> tensors;
    private readonly SortedDictionary<string, int> skipped = [];

    public GoldenFamily(string name)
    {
        this.name = name;
        var folder = Environment.GetEnvironmentVariable("SPARSEGRID_GOLDEN");
        if (string.IsNullOrEmpty(folder))
            folder = Path.Combine(AppContext.BaseDirectory, "Golden", "data");
        Cases = [.. JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, name + ".json")))!["cases"]!.AsArray().Select(node => new GoldenCase(node!, this))];
        tensors = SafeTensors.Read(File.ReadAllBytes(Path.Combine(folder, name + ".safetensors")), name + ".safetensors");
    }

    public IReadOnlyList<GoldenCase> Cases { get; }

    public int Run { get; private set; }

    public int Skipped => skipped.Values.Sum();

    public double LargestError { get; set; }

    public HostArray Tensor(string tensor) => tensors[tensor];

    public void Ran() => Run++;

    public void Skip(string reason) => skipped[reason] = skipped.GetValueOrDefault(reason) + 1;

    public void Report()
    {
        Assert.Equal(Cases.Count, Run + Skipped);
        var text = $"golden {name}: {Run} of {Cases.Count} cases run, {Skipped} skipped, largest error {LargestError:G3}"
            + string.Concat(skipped.Select(entry => $"{Environment.NewLine}  skipped {entry.Value}: {entry.Key}"));
        TestContext.Current.TestOutputHelper!.WriteLine(text);
        TestContext.Current.SendDiagnosticMessage(text);
    }
}

/// <summary>One recorded case: arguments, the reference's inputs and outputs.</summary>
internal sealed class GoldenCase(JsonNode node, GoldenFamily family)
{
    public string Id => node["id"]!.GetValue<string>();

    public string Group => node["group"]!.GetValue<string>();

    public string Function => node["function"]!.GetValue<string>();

    public bool Raises => node["raises"] is not null;

    public JsonNode? Value(string name) => node["values"]?[name];

    public T Argument<T>(string name, T otherwise) => node["args"]?[name] is JsonValue value ? value.GetValue<T>() : otherwise;

    public JsonNode? Descriptor => node["args"]?["QuantDescriptor"];

    public IEnumerable<string> Outputs => node["outputs"]?.AsObject().Select(output => output.Key) ?? [];

    public HostArray? Input(string role) => Find("inputs", role);

    public HostArray? Output(string role) => Find("outputs", role);

    /// <summary>The inputs batch0, batch1, … in order.</summary>
    public IEnumerable<HostArray> Batches => Enumerable.Range(0, int.MaxValue).Select(batch => Input($"batch{batch}")).TakeWhile(batch => batch is not null)!;

    private HostArray? Find(string side, string role) => node[side]?[role] is JsonNode name ? family.Tensor(name.GetValue<string>()) : null;
}
