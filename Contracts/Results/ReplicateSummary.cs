using System.Collections.Immutable;
using System.Text.RegularExpressions;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Contracts.Results;

/// <summary>One configuration over its replicates, which differ in nothing but the seed.</summary>
/// <param name="Path">Its place in the tree, without the replicate's number.</param>
/// <param name="Seeds">Seeds of the replicates that count; n is their number.</param>
/// <param name="Diverged">Replicates left out because their training, or that of what they are made from, diverged.</param>
/// <param name="Top1">Of the test split, 0 to 1.</param>
/// <param name="Difference">Top-1 minus the dense ancestor's of the same seed.</param>
/// <param name="SpeedUp">Baseline median over own median.</param>
public sealed partial record ReplicateSummary(string Path, ImmutableArray<int> Seeds, int Diverged, Spread Top1, Spread Difference, Spread SpeedUp)
{
    /// <summary>A summary of each configuration that has a finished replicate, in the order of its first row; none where no configuration has two rows.</summary>
    public static ImmutableArray<ReplicateSummary> Of(IReadOnlyList<TrialRow> rows)
    {
        var configurations = rows.GroupBy(row => Replicate().Replace(row.Path, "")).ToArray();
        return configurations.All(group => group.Count() < 2)
            ? []
            : [.. configurations.Select(group => Of(group.Key, [.. group.Where(row => row.Result is not null)], rows)).OfType<ReplicateSummary>()];
    }

    private static ReplicateSummary? Of(string path, TrialRow[] finished, IReadOnlyList<TrialRow> rows)
    {
        var sound = finished.Where(row => Lineage.Diverged(row, rows) is null).ToArray();
        Spread Over(Func<VariantResult, double> value) => Spread.Of([.. sound.Select(row => value(row.Result!))]);
        return sound.Length == 0 ? null : new(
            path, [.. sound.Select(row => row.Seed)], finished.Length - sound.Length,
            Over(result => result.Test.Top1), Over(result => result.Test.Difference), Over(result => result.Latency.SpeedUp));
    }

    [GeneratedRegex(" #[0-9]+$")]
    private static partial Regex Replicate();
}
