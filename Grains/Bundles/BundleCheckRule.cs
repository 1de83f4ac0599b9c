using System.Collections.Immutable;

namespace SparseGrid.Grains.Bundles;

/// <summary>How the check outputs were made, and how far another machine's may be from them.</summary>
/// <param name="Tolerance">Share of the largest score.</param>
/// <param name="Threads">Threads inside an operator.</param>
/// <param name="SessionOptions">Options of ONNX Runtime that its results depend on.</param>
public sealed record BundleCheckRule(int Images, double Tolerance, int Threads, string Runtime, ImmutableSortedDictionary<string, string> SessionOptions);
