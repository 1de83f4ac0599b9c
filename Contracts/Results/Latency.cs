using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Results;

/// <summary>Time of one call of the deployed file, in milliseconds, and of the dense baseline measured between its calls.</summary>
/// <param name="Runs">Counted calls of each; 0 where nothing was measured, and the times are then NaN.</param>
/// <param name="Baseline">What the baseline is: dense FP16; null for dense FP32.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.latency")]
public sealed record Latency(
    int Batch, int Threads, int Runs, double MedianMs, double P99Ms, double BaselineMedianMs, double BaselineP99Ms,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Baseline = null)
{
    /// <summary>The latency of a sweep that measures none.</summary>
    public static Latency None(int batch, int threads) => new(batch, threads, 0, double.NaN, double.NaN, double.NaN, double.NaN);

    /// <summary>False where nothing was measured.</summary>
    [JsonIgnore]
    public bool IsMeasured => Runs > 0;

    /// <summary>Baseline median over own median: above 1 is faster.</summary>
    public double SpeedUp => BaselineMedianMs / MedianMs;
}
