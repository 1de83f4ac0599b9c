namespace SparseGrid.Compression.Quantization.Calibrators;

/// <summary>How amax is chosen from a histogram.</summary>
/// <param name="Method">Max, Entropy, Percentile or Mse.</param>
/// <param name="Percentile">For Percentile: the share of values that lies below amax, in percent, above 0 and at most 100.</param>
/// <param name="StartBin">For Entropy and Mse: the first candidate, in bins; at least 1 and no more than the histogram has.</param>
/// <param name="Stride">For Entropy and Mse: how many bins further the next candidate is; at least 1.</param>
public sealed record RangeSearch(CalibrationMethod Method, double Percentile = 99.99, int StartBin = RangeSearch.UsualStart, int Stride = 1)
{
    /// <summary>The first candidate unless another is given.</summary>
    public const int UsualStart = 128;
}
