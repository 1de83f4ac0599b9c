using System.Text.Json;
using SparseGrid.Contracts.Spec;
using SparseGrid.Grains.Identity;

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
    public static IReadOnlyList<string> Between(SweepSpec before, SweepSpec after) =>
        JsonDifference.Between(JsonSerializer.SerializeToNode(before, Plain), JsonSerializer.SerializeToNode(after, Plain));
}
