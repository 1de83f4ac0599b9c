using SparseGrid.Console.Clusters;

namespace SparseGrid.Console.Commands;

/// <summary>What <c>sparsegrid gc</c> was asked.</summary>
/// <param name="Delete">False shows only what would be deleted.</param>
/// <param name="Age">Files that were written or used within this time are left alone.</param>
/// <param name="Stale">Also the results that no sweep has any more.</param>
/// <param name="Forget">Sweeps to forget first.</param>
public sealed record GcArguments(ClusterSettings Cluster, bool Delete, TimeSpan Age, bool Stale, IReadOnlyList<string> Forget, bool Json)
{
    /// <summary>The age that files must have unless told otherwise.</summary>
    public static readonly TimeSpan UsualAge = TimeSpan.FromHours(1);
}
