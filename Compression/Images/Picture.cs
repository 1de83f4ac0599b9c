namespace SparseGrid.Compression.Images;

/// <summary>A picture of 8 bits a sample.</summary>
/// <param name="Samples">[H, W, C] row-major: grey, or red, green and blue.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public sealed record Picture(byte[] Samples, int Channels, int Height, int Width);
