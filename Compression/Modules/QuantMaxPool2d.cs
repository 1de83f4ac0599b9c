using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Modules;

/// <summary>Largest value in each window of a quantized input, [N, C, H, W]; padding never wins.</summary>
/// <param name="window">Equal padding on opposite sides.</param>
/// <param name="input">Settings of the input's quantizer; null for one signed 8-bit range.</param>
public sealed class QuantMaxPool2d(Window window, QuantizerSettings? input = null)
    : QuantizedModule(nameof(QuantMaxPool2d), input ?? QuantizerSettings.Activation)
{
    /// <summary>Kernel, stride, padding and dilation.</summary>
    public Window Window { get; } = PoolWindow.Checked(window, dilation: true);

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var quantized = InputQuantizer.call(x);
        return nn.functional.max_pool2d(
            quantized, [Window.KernelHeight, Window.KernelWidth], [Window.StrideHeight, Window.StrideWidth], [Window.PadTop, Window.PadLeft],
            [Window.DilationHeight, Window.DilationWidth]);
    }
}
