using System.Collections.Immutable;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports;

/// <summary>Warns of quantized files that ONNX Runtime computes in float: those of another dialect than ort, or with batch normalizations kept.</summary>
public static class FloatCaveat
{
    private const string Runtime = "onnxruntime";

    /// <summary>The line, with the speed that was measured; null where no finished variant is such a file or another runtime runs them.</summary>
    public static string? Line(IReadOnlyList<TrialRow> rows, string runtime)
    {
        if (runtime != Runtime)
            return null;

        var slow = rows.Where(row => row.Result is not null)
            .Select(row => (Result: row.Result!, Why: Why(row.Result!)))
            .Where(row => row.Why is not null)
            .ToImmutableArray();
        if (slow.IsEmpty)
            return null;

        var speeds = slow.Select(row => row.Result.Latency.SpeedUp).Order().ToArray();
        var (low, high) = (Words.Fixed(speeds[0], 2), Words.Fixed(speeds[^1], 2));
        var measured = low == high ? $"{low}x" : $"{low}x to {high}x";
        var why = string.Join(" or ", slow.Select(row => row.Why).Distinct().Order(StringComparer.Ordinal));
        return $"caution  {Words.Count(slow.Length, "INT8 variant")} with {why}: "
            + $"{Runtime} computes their convolutions in float, measured at {measured} dense FP32. To deploy on {Runtime} take dialect ort and bn fold.";
    }

    private static string? Why(VariantResult result) => result.Recipe.Stages.OfType<ExportStage>().LastOrDefault() switch
    {
        { Quantize: { Dialect: not "ort" } quantize } => $"dialect {quantize.Dialect}",
        { Quantize: not null, BatchNorm: "keep" } => "bn keep",
        _ => null,
    };
}
