namespace SparseGrid.Contracts.Results;

/// <summary>Time of one call of the deployed file, in milliseconds, and of the dense FP32 baseline measured between its calls.</summary>
/// <param name="Runs">Counted calls of each.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.latency")]
public sealed record Latency(int Batch, int Threads, int Runs, double MedianMs, double P99Ms, double BaselineMedianMs, double BaselineP99Ms)
{
    /// <summary>Baseline median over own median: above 1 is faster.</summary>
    public double SpeedUp => BaselineMedianMs / MedianMs;
}
