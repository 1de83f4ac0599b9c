using BenchmarkDotNet.Attributes;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;

namespace SparseGrid.Benchmarks;

/// <summary>Ranges from a 2048-bin histogram of 1.6 million normal values, by each method; a 2:4 mask of a 512x512x3x3 weight.</summary>
public class Calibration
{
    private readonly ActivationHistogram histogram = new();
    private readonly float[] weight = Normal(512 * 512 * 9);

    [GlobalSetup]
    public void Setup() => histogram.Collect(Normal(1_600_000), "x");

    [Benchmark]
    public float Entropy() => ActivationCalibrator.Amax(histogram, CalibrationMethod.Entropy, 0, signed: true);

    [Benchmark]
    public float Mse() => ActivationCalibrator.Amax(histogram, CalibrationMethod.Mse, 0, signed: true);

    [Benchmark]
    public float Percentile() => ActivationCalibrator.Amax(histogram, CalibrationMethod.Percentile, 99.99, signed: true);

    [Benchmark]
    public byte[] Mask() => TwoFourMask.Of(weight, [512, 512, 3, 3]);

    private static float[] Normal(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }
}
