using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;

namespace SparseGrid.Grains.Bundles;

/// <summary>What goes into a bundle.</summary>
/// <param name="Spec">The sweep, for its name and its data.</param>
/// <param name="Path">The variant's place in the tree.</param>
/// <param name="Result">The variant's result.</param>
/// <param name="Batch">Images a call that the file is to take; null leaves any number.</param>
/// <param name="Images">Test images to check by, at least 1; with a fixed batch as many more as fill the last call.</param>
public sealed record BundleRequest(SweepSpec Spec, string Path, VariantResult Result, int? Batch, int Images);
