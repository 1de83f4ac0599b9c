namespace SparseGrid.Compression.Analysis;

/// <summary>How far a quick analysis is.</summary>
/// <param name="Phase">What it does now: calibrate, evaluate entropy, layer features.0.</param>
/// <param name="Share">Share of all its work that is done, 0 to 1; counted in forward passes of one image.</param>
public sealed record QuickProgress(string Phase, double Share);
