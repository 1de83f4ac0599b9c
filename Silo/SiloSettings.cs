using SparseGrid.Grains.Placement;

namespace SparseGrid.Silo;

/// <summary>One silo process of a cluster.</summary>
/// <param name="Folder">Artifacts and checkpoints, shared by the cluster's silos; without Redis <c>grid.db</c> too.</param>
/// <param name="Redis">Null: the silos of one machine, on <c>grid.db</c> of the folder. Otherwise the cluster's Redis, <c>host:6379</c>.</param>
/// <param name="Role">One of <see cref="SiloRole"/>.</param>
/// <param name="Slots">Variants that run at once here; a control silo runs none.</param>
/// <param name="Device">cpu or cuda.</param>
/// <param name="Name">Told with results; a name of the process where null.</param>
/// <param name="Address">The address by which other machines reach this silo; null for loopback.</param>
/// <param name="Urls">Where health and metrics are served; port 0 takes a free one.</param>
/// <param name="Set">Settings of the grid as KEY=VALUE.</param>
public sealed record SiloSettings(
    string Folder, string? Redis = null, string Role = SiloRole.Both, int Slots = 1, string Device = "cpu", string? Name = null, string? Address = null,
    string Urls = "http://127.0.0.1:0", IReadOnlyList<string>? Set = null)
{
    /// <summary>The name that others see.</summary>
    public string SiloName => Name ?? $"silo-{Environment.ProcessId}";
}
