using System.Collections.Immutable;

namespace SparseGrid.Compression.Analysis;

/// <summary>The images that were used, in three parts that share none.</summary>
/// <param name="Source">How they were read, in words.</param>
/// <param name="Found">Images there were.</param>
/// <param name="Calibration">Images that ranges come from.</param>
/// <param name="Choice">Images by which the best method is chosen, and each layer's cost is told.</param>
/// <param name="Evaluation">Images of all other figures.</param>
/// <param name="HasLabels">False where their classes are not known: then agreement with the dense network stands for accuracy.</param>
public sealed record QuickImages(
    string Source, int Found, int Calibration, int Choice, int Evaluation, bool HasLabels, string Preprocessing, int Seed, ImmutableArray<string> ClassNames, ImmutableArray<string> Notes);
