using SparseGrid.Contracts.Grains;

namespace SparseGrid.Grains.Sweeps;

/// <summary>What a sweep knows of a running variant; in memory only.</summary>
internal sealed class WatchedRun
{
    /// <summary>Name of its silo; empty until the first report.</summary>
    public string Silo { get; set; } = "";

    /// <summary>Address of its silo; null where it is not known.</summary>
    public SiloAddress? Address { get; set; }

    /// <summary>What it does now.</summary>
    public StageProgress? Progress { get; set; }

    /// <summary>When it was last heard of, as a timestamp of the clock; null for never.</summary>
    public long? Heard { get; set; }
}
