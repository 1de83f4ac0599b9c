using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Bundles;

/// <summary>What a bundle is, where it comes from and what is in it; <c>manifest.json</c>. It holds no time and no path: equal variants of one sweep give equal bytes.</summary>
public sealed record BundleManifest(
    int Format, BundledModel Model, BundleSource Source, BundledAccuracy Validation, BundledAccuracy Test, BundledLatency Latency, BundleCheckRule Check,
    ImmutableArray<BundledFile> Files)
{
    /// <summary>The number of this layout.</summary>
    public const int CurrentFormat = 1;
}

/// <summary>The deployed file.</summary>
/// <param name="Artifact">SHA-256 of the file that the sweep evaluated and measured; that of <c>model.onnx</c> too unless a batch was fixed afterwards.</param>
/// <param name="Batch">Images a call that it fixes; null where it takes any number.</param>
/// <param name="Dialect">Form of a quantized file; null for float.</param>
/// <param name="PrunedZeros">Share of zeros in the pruned layers' weights, 0 to 1; null where none was pruned.</param>
public sealed record BundledModel(string Artifact, int? Batch, int Opset, string? Dialect, double? PrunedZeros, long Bytes);

/// <summary>The variant that the file is of.</summary>
/// <param name="Recipe">SHA-256 of <c>recipe.json</c>, the variant's identity.</param>
/// <param name="DataDigest">Digest of the data that it was trained and evaluated on.</param>
public sealed record BundleSource(string Sweep, string Variant, VariantKind Kind, string Recipe, string? ParentRecipe, int Seed, string DataDigest);

/// <summary>Top-1 of the file, 0 to 1.</summary>
/// <param name="Low">Lower end of the 95 % Wilson interval.</param>
/// <param name="High">Its upper end.</param>
/// <param name="VersusDense">Difference to the dense FP32 ancestor.</param>
public sealed record BundledAccuracy(double Top1, double Low, double High, int Images, double VersusDense);

/// <summary>Time of a call of the sweep's file, in milliseconds.</summary>
public sealed record BundledLatency(
    int Batch, int Threads, int Runs, double MedianMs, double P99Ms, double DenseMedianMs, double SpeedUp, string Device, string Versions);

/// <summary>How the check outputs were made, and how far another machine's may be from them.</summary>
/// <param name="Tolerance">Share of the largest score.</param>
/// <param name="Threads">Threads inside an operator.</param>
/// <param name="SessionOptions">Options of ONNX Runtime that its results depend on.</param>
public sealed record BundleCheckRule(int Images, double Tolerance, int Threads, string Runtime, ImmutableSortedDictionary<string, string> SessionOptions);

/// <summary>A file of the bundle; all but the manifest itself are listed.</summary>
public sealed record BundledFile(string Name, long Bytes, string Sha256);
