namespace SparseGrid.Compression.Onnx;

/// <summary>The sparsity of one weight as an exported file holds it.</summary>
/// <param name="Node">Name of the node that multiplies by it.</param>
/// <param name="Shape">32x16x3x3, in the file's order of axes.</param>
/// <param name="Weights">Number of values.</param>
/// <param name="Zeros">Those that are exactly zero; for integers, equal to the zero point.</param>
/// <param name="TwoFour">True where every group of four along the input channels holds at least two zeros; false where the channels do not divide by
/// four.</param>
public sealed record ExportedLayer(string Node, string Shape, long Weights, long Zeros, bool TwoFour)
{
    /// <summary>Share of zeros, 0 to 1.</summary>
    public double Sparsity => (double)Zeros / Weights;
}
