namespace SparseGrid.Contracts.Spec;

/// <summary>How the ranges of activations are found: the parameters of a collect and a calibrate stage.</summary>
/// <param name="Method">max, entropy, percentile or mse.</param>
/// <param name="Images">Calibration images, at least 1.</param>
/// <param name="Bins">Histogram bins of the first batch, 256 to 65536.</param>
/// <param name="Percentile">In percent, above 50 and at most 100; the percentile method alone uses it.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.calibrate-settings")]
public sealed record CalibrateSettings(string Method = "max", int Images = 512, int Bins = 2048, double Percentile = 99.99);
