namespace SparseGrid.Compression.Analysis;

/// <summary>Pixels of a picture, [C, H, W] row-major.</summary>
public sealed record FlippedPixels(byte[] Values, int Channels, int Height, int Width);
