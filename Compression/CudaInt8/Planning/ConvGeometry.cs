using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.CudaInt8.Planning;

/// <summary>How a convolution slides over one image. A fully connected layer is a 1x1 convolution of a 1x1 image.</summary>
/// <param name="Input">Shape of one input image.</param>
/// <param name="Output">Shape of one output image.</param>
/// <param name="Window">Kernel, stride, padding, dilation.</param>
/// <param name="Groups">Equal groups of channels that do not see one another.</param>
public readonly record struct ConvGeometry(ImageShape Input, ImageShape Output, Window Window, int Groups)
{
    /// <summary>Products of one output value.</summary>
    public int Products => Window.KernelHeight * Window.KernelWidth * (Input.Channels / Groups);

    /// <summary>Multiply-adds of one image.</summary>
    public long MultiplyAdds => (long)Output.Count * Products;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Window.KernelHeight}x{Window.KernelWidth} s{Window.StrideHeight} {Input.Channels}->{Output.Channels} @{Output.Height}x{Output.Width}{(Groups > 1 ? $" g{Groups}" : "")}";
}
