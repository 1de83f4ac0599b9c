using System.Collections.Immutable;

namespace SparseGrid.Compression.Analysis;

/// <summary>The network that was analysed.</summary>
/// <param name="Sha256">Of its file.</param>
/// <param name="Input">Channels, rows and columns of an image.</param>
/// <param name="DenseBytes">Size of the float file that is exported here, with which the INT8 files are compared.</param>
/// <param name="SameClass">Evaluation images that the user's own file and the exported float file put into the same class; null where not looked at.</param>
/// <param name="Compared">Evaluation images looked at for that.</param>
/// <param name="Notes">What the import left out or changed.</param>
public sealed record QuickModel(
    string File, string Sha256, string Input, int Classes, int WeightedLayers, long Parameters, long DenseBytes, int? SameClass, int Compared, ImmutableArray<string> Notes);
