using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports;

/// <summary>Which layers of the sparse variants stayed dense, and why, in one line.</summary>
public static class NotPruned
{
    private const int MostLayers = 8;

    /// <summary>The line; null where no finished variant is sparse, or nothing of them stayed dense.</summary>
    public static string? Line(IReadOnlyList<TrialRow> rows)
    {
        var layers = rows
            .Where(row => row.Result is { } result && result.Sparsity.Any(layer => layer.Pruned))
            .SelectMany(row => row.Result!.Sparsity)
            .Where(layer => !layer.Pruned)
            .Select(layer => $"{layer.Layer} ({layer.Shape}){(layer.Why.Length > 0 ? ": " + layer.Why.TrimEnd('.').Replace("; ", " and ") : "")}")
            .Distinct()
            .ToArray();
        if (layers.Length == 0)
            return null;

        var more = layers.Length > MostLayers ? $"; and {Words.Count(layers.Length - MostLayers, "other layer")}, all in --json" : "";
        return $"Not pruned: {string.Join("; ", layers.Take(MostLayers))}{more}.";
    }
}
