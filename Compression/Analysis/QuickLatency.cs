namespace SparseGrid.Compression.Analysis;

/// <summary>Time of a call, in milliseconds, in turn with the dense file's.</summary>
public sealed record QuickLatency(int Batch, int Threads, int Runs, double MedianMs, double P99Ms, double DenseMedianMs, double DenseP99Ms)
{
    /// <summary>Dense median over own median: above 1 is faster.</summary>
    public double SpeedUp => DenseMedianMs / MedianMs;
}
