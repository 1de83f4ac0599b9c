namespace SparseGrid.Compression.Analysis;

/// <summary>Figures of one file on one part of the images.</summary>
/// <param name="Top1">Share of images put into their class, 0 to 1; null without labels.</param>
/// <param name="Agreement">Share of images put into the dense network's class, 0 to 1.</param>
/// <param name="ScoreError">Mean squared difference of scores to the dense network's, over the mean square of those: 0 for the dense network.</param>
public sealed record QuickFigures(double? Top1, double Agreement, double ScoreError);
