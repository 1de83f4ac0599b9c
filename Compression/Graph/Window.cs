namespace SparseGrid.Compression.Graph;

/// <summary>How a convolution or pool slides over its input: kernel, stride, padding before and after each axis, dilation; all in pixels.</summary>
public readonly record struct Window(
    int KernelHeight, int KernelWidth,
    int StrideHeight = 1, int StrideWidth = 1,
    int PadTop = 0, int PadLeft = 0, int PadBottom = 0, int PadRight = 0,
    int DilationHeight = 1, int DilationWidth = 1)
{
    /// <summary>A square window with equal padding on all sides.</summary>
    public static Window Square(int kernel, int stride = 1, int pad = 0) => new(kernel, kernel, stride, stride, pad, pad, pad, pad);

    /// <summary>Rows and columns of the output for an input of that size (floor rule).</summary>
    public (int Height, int Width) OutputOf(int height, int width) =>
        ((height + PadTop + PadBottom - DilationHeight * (KernelHeight - 1) - 1) / StrideHeight + 1,
         (width + PadLeft + PadRight - DilationWidth * (KernelWidth - 1) - 1) / StrideWidth + 1);
}
