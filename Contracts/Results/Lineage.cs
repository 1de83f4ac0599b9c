using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Contracts.Results;

/// <summary>The trials that a trial was made from.</summary>
public static class Lineage
{
    /// <summary>The row itself, its parent, and so on up to its dense ancestor, as far as they are among the rows.</summary>
    public static IEnumerable<TrialRow> Of(TrialRow row, IReadOnlyList<TrialRow> rows)
    {
        for (var at = row; at is not null; at = at.Parent < 0 ? null : Find(at.Parent, rows))
            yield return at;
    }

    /// <summary>The trial from which the row comes to nothing: itself or the nearest ancestor whose training diverged; null where none did.</summary>
    /// <remarks>A diverged training leaves the weights it started from, so what is made from them is compared with a network that was never trained.</remarks>
    public static TrialRow? Diverged(TrialRow row, IReadOnlyList<TrialRow> rows) => Of(row, rows).FirstOrDefault(at => at.Result is { Diverged: true });

    // All rows of a sweep stand at their index; a part of them has to be searched.
    private static TrialRow? Find(int index, IReadOnlyList<TrialRow> rows) =>
        index < rows.Count && rows[index].Index == index ? rows[index] : rows.FirstOrDefault(row => row.Index == index);
}
