namespace SparseGrid.Compression.Quantization.Calibrators;

/// <summary>How the ranges of weights are found.</summary>
/// <param name="Method">Max, Percentile or Mse; the last two by a histogram of |w|.</param>
/// <param name="Granularity">What shares a range.</param>
/// <param name="Axis">The axis of output channels: 0 of [K, C, R, S] and [K, C], 1 of a transposed convolution's [C, K, R, S].</param>
/// <param name="Percentile">For Percentile: in percent, above 0 and at most 100.</param>
/// <param name="Bins">Bins of each histogram, 256 to 32,768.</param>
public sealed record WeightRange(
    CalibrationMethod Method = CalibrationMethod.Max, WeightGranularity Granularity = WeightGranularity.Channel, int Axis = 0, double Percentile = 99.99, int Bins = 2048);
