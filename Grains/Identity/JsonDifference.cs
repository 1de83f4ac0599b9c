using System.Text.Json.Nodes;

namespace SparseGrid.Grains.Identity;

/// <summary>In what two JSON values differ, member by member.</summary>
public static class JsonDifference
{
    /// <summary>Each differing member with both values, <c>budget.trials: 6 → 8</c>, in the order of the members; empty where they say the same.</summary>
    /// <param name="path">Of the values themselves; empty for a document.</param>
    public static IReadOnlyList<string> Between(JsonNode? before, JsonNode? after, string path = "")
    {
        var differences = new List<string>();
        Compare(path, before, after, differences);
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
