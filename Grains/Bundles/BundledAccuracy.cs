namespace SparseGrid.Grains.Bundles;

/// <summary>Top-1 of the file, 0 to 1.</summary>
/// <param name="Low">Lower end of the 95 % Wilson interval.</param>
/// <param name="High">Its upper end.</param>
/// <param name="VersusDense">Difference to the dense FP32 ancestor.</param>
public sealed record BundledAccuracy(double Top1, double Low, double High, int Images, double VersusDense);
