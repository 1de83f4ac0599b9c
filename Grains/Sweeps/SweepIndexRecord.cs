using SparseGrid.Grains.States;

namespace SparseGrid.Grains.Sweeps;

/// <summary>What the index stores.</summary>
[GenerateSerializer, Alias("sparsegrid.sweep-index-record"), StateSchema("sweep index", 1)]
public sealed class SweepIndexRecord
{
    /// <summary>Name of each sweep, and whether it is under way.</summary>
    [Id(0)]
    public SortedDictionary<string, bool> Sweeps { get; set; } = new(StringComparer.Ordinal);
}
