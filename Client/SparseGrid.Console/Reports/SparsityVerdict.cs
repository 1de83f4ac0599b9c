using System.Collections.Immutable;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports;

/// <summary>What 2:4 sparsity brought at run time, in one line, and why it brought no more.</summary>
public static class SparsityVerdict
{
    // Measured reasons hold times, so no two are the same.
    private const int MostReasons = 4;

    /// <summary>The line; null where no finished variant is sparse.</summary>
    public static string? Line(IReadOnlyList<TrialRow> rows)
    {
        ImmutableArray<LayerSparsity> pruned =
            [.. rows.Where(row => row.Result is not null).SelectMany(row => row.Result!.Sparsity).Where(layer => layer.Pruned)];
        if (pruned.IsEmpty)
            return null;

        var invalid = pruned.Count(layer => !layer.MaskValid);
        var broken = invalid == 0 ? "" : $"{invalid} of {pruned.Length} pruned layers are NOT 2:4 in the exported file; ";
        ImmutableArray<LayerSparsity> dense = [.. pruned.Where(layer => !layer.SparseKernel)];
        if (dense.IsEmpty)
            return $"2:4: {broken}all {pruned.Length} pruned layers run sparse kernels.";

        var reasons = dense
            .Where(layer => layer.Why.Length > 0)
            .GroupBy(layer => layer.Why.TrimEnd('.'))
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => group.Count() == dense.Length ? group.Key : $"{group.Key} ({group.Count()})")
            .ToArray();
        var more = reasons.Length > MostReasons ? $"; and {reasons.Length - MostReasons} more, layer by layer in the report" : "";
        var why = string.Join("; ", reasons.Take(MostReasons)) + more;
        if (dense.Length < pruned.Length)
            return $"2:4: {broken}{pruned.Length - dense.Length} of {pruned.Length} pruned layers, over all sparse variants, run sparse kernels, the others dense ones{(why.Length > 0 ? ": " + why : "")}.";
        return $"Why sparse is not faster: {broken}{dense.Length} of {pruned.Length} pruned layers, over all sparse variants, run dense kernels"
            + $"{(why.Length > 0 ? ": " + why : "")}.";
    }
}
