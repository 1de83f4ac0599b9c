namespace SparseGrid.Grains.Placement;

/// <summary>What a silo is there for; the value of <c>Orleans:Metadata:role</c>.</summary>
public static class SiloRole
{
    /// <summary>Key of the silo metadata.</summary>
    public const string Key = "role";

    /// <summary>Coordinates: sweeps, slot broker, stage and result records.</summary>
    public const string Control = "control";

    /// <summary>Runs variants.</summary>
    public const string Compute = "compute";

    /// <summary>Does both; the default.</summary>
    public const string Both = "both";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Both, Control, Compute];

    /// <summary>True where a silo of that role takes grains that are for <paramref name="wanted"/>. One that says nothing takes all.</summary>
    public static bool Takes(string? role, string wanted) => role is null || role == Both || role == wanted;
}
