using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Spec;

/// <summary>How the ranges of activations and weights are found: the parameters of a collect and a calibrate stage.</summary>
/// <param name="Method">max, entropy, percentile or mse.</param>
/// <param name="Images">Calibration images, at least 1.</param>
/// <param name="Bins">Histogram bins of the first batch, 256 to 65536.</param>
/// <param name="Percentile">In percent, above 50 and at most 100; the percentile method alone uses it.</param>
/// <param name="SkipZeros">True leaves values of exactly 0 out of the histograms; null counts them.</param>
/// <param name="Search">Which ranges entropy and mse try; null for the default, and for the other methods.</param>
/// <param name="Weights">How ranges of weights are found; null for the default.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.calibrate-settings")]
public sealed record CalibrateSettings(
    string Method = "max", int Images = 512, int Bins = 2048, double Percentile = 99.99, bool? SkipZeros = null,
    RangeSearchSettings? Search = null, WeightRangeSettings? Weights = null);
