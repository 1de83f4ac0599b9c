using System.Text.Json;
using System.Text.Json.Nodes;
using SparseGrid.Contracts.Spec;

namespace SparseGrid.Grains.Sweeps;

/// <summary>In what two specs differ, key by key.</summary>
public static class SpecDifference
{
    private static readonly JsonSerializerOptions Plain = new(JsonSerializerDefaults.Web)
    {
        IgnoreReadOnlyProperties = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Each differing key with both values, <c>budget.trials: 6 → 8</c>; empty where the specs say the same.</summary>
    public static IReadOnlyList<string> Between(SweepSpec before, SweepSpec after)
    {
        var differences = new List<string>();
        Compare("", JsonSerializer.SerializeToNode(before, Plain), JsonSerializer.SerializeToNode(after, Plain), differences);
        return differences;
    }

    private static void Compare(string path, JsonNode? before, JsonNode? after, List<string> differences)
    {
        if (before is JsonObject left && after is JsonObject right)
        {
            foreach (var key in left.Select(member => member.Key).Union(right.Select(member => member.Key)))
                Compare(path.Length == 0 ? key : $"{path}.{key}", left[key], right[key], differences);
        }
        else if (before is JsonArray first && after is JsonArray second && first.Count == second.Count)
        {
            for (var i = 0; i < first.Count; i++)
                Compare($"{path}[{i}]", first[i], second[i], differences);
        }
        else if (!JsonNode.DeepEquals(before, after))
        {
            differences.Add($"{path}: {Text(before)} → {Text(after)}");
        }
    }

    private static string Text(JsonNode? node) => node switch
    {
        null => "nothing",
        JsonArray array => $"{array.Count} entries",
        JsonObject => "an entry",
        _ => node.ToJsonString(),
    };
}
