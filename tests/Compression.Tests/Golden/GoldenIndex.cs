using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>One index of recorded cases (NAME.json) and its arrays (NAME.safetensors).</summary>
internal sealed class GoldenIndex
{
    private static readonly ConcurrentDictionary<string, GoldenIndex> Opened = new();

    private readonly string path;
    private readonly Lazy<ImmutableSortedDictionary<string, HostArray>> tensors;

    private GoldenIndex(string path)
    {
        this.path = path;
        var root = JsonNode.Parse(File.ReadAllBytes(path))!;
        Cases = [.. root["cases"] is JsonArray cases ? cases.Select(node => new GoldenCase(node!, this)) : []];
        var file = root["file"]?.GetValue<string>() ?? Name + ".safetensors";
        tensors = new(() => SafeTensors.Read(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(path)!, file)), file));
    }

    /// <summary>The folder that the variable SPARSEGRID_GOLDEN names, else the copy beside the tests.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("SPARSEGRID_GOLDEN") is { Length: > 0 } folder
        ? folder
        : Path.Combine(AppContext.BaseDirectory, "Golden", "data");

    public string Name => Path.GetFileNameWithoutExtension(path);

    public ImmutableArray<GoldenCase> Cases { get; }

    /// <summary>All indexes of the folder, by name.</summary>
    public static IEnumerable<GoldenIndex> All() =>
        Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal).Select(path => Open(Path.GetFileNameWithoutExtension(path)));

    public static GoldenIndex Open(string name) => Opened.GetOrAdd(name, _ => new(Path.Combine(Folder, name + ".json")));

    public GoldenCase Case(string id) => Cases.Single(each => each.Id == id);

    public HostArray Tensor(string name) => tensors.Value[name];
}
