using System.Collections.Immutable;

namespace SparseGrid.Grains.Bundles;

/// <summary>What a bundle is, where it comes from and what is in it; <c>manifest.json</c>. It holds no time and no path: equal variants of one sweep give equal bytes.</summary>
/// <param name="Latency">Null where the sweep measured none.</param>
public sealed record BundleManifest(
    int Format, BundledModel Model, BundleSource Source, BundledAccuracy Validation, BundledAccuracy Test, BundledLatency? Latency, BundleCheckRule Check,
    ImmutableArray<BundledFile> Files)
{
    /// <summary>The number of this layout.</summary>
    public const int CurrentFormat = 1;
}
