namespace SparseGrid.Compression.Analysis;

/// <summary>What it costs to quantize one layer and leave all others in float.</summary>
/// <param name="Shape">Its weight: 64x3x7x7.</param>
/// <param name="Figures">On the images for choosing.</param>
public sealed record LayerSensitivity(string Layer, string Shape, QuickFigures Figures);
