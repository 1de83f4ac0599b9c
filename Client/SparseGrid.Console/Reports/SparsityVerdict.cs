using System.Collections.Immutable;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports;

/// <summary>What 2:4 sparsity brought at run time, in one line, and why it brought no more.</summary>
public static class SparsityVerdict
{
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
            .Select(group => group.Count() == dense.Length ? group.Key : $"{group.Key} ({group.Count()})");
        var why = string.Join("; ", reasons);
        return $"Why sparse is not faster: {broken}{dense.Length} of {pruned.Length} pruned layers, over all sparse variants, run dense kernels"
            + $"{(why.Length > 0 ? ": " + why : "")}.";
    }
}
