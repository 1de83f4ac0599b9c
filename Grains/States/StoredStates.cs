using System.Text.Json;
using System.Text.Json.Serialization;

namespace SparseGrid.Grains.States;

/// <summary>The form of stored state: plain JSON, members by name, its schema version first.</summary>
public static class StoredStates
{
    /// <summary>Options that write and read every record of <c>GrainState</c>.</summary>
    public static JsonSerializerOptions Json { get; } = Configured(new());

    /// <summary>Sets options up so.</summary>
    public static void Configure(JsonSerializerOptions json) => Configured(json);

    // The serializer's own defaults preserve references, which records cannot be read back from, and leave out 0 and false,
    // which a constructor's default of another value would then replace.
    private static JsonSerializerOptions Configured(JsonSerializerOptions json)
    {
        json.ReferenceHandler = null;
        json.WriteIndented = false;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        json.IgnoreReadOnlyProperties = true;
        json.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals;
        json.Converters.Add(new JsonStringEnumConverter());
        json.Converters.Add(new StoredStateJson());
        return json;
    }
}
