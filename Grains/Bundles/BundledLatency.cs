namespace SparseGrid.Grains.Bundles;

/// <summary>Time of a call of the sweep's file, in milliseconds.</summary>
/// <param name="Baseline">What the speed-up is over; null for dense FP32.</param>
public sealed record BundledLatency(
    int Batch, int Threads, int Runs, double MedianMs, double P99Ms, double DenseMedianMs, double SpeedUp, string Device, string Versions, string? Baseline = null);
