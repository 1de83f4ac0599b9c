using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Modules;

/// <summary>Mean of each window of a quantized input, [N, C, H, W].</summary>
/// <param name="window">Equal padding on opposite sides, no dilation.</param>
/// <param name="countPadding">True counts padded zeros.</param>
/// <param name="input">Settings of the input's quantizer; null for one signed 8-bit range.</param>
public sealed class QuantAvgPool2d(Window window, bool countPadding = true, QuantizerSettings? input = null)
    : QuantizedModule(nameof(QuantAvgPool2d), input ?? QuantizerSettings.Activation)
{
    /// <summary>Kernel, stride and padding.</summary>
    public Window Window { get; } = PoolWindow.Checked(window, dilation: false);

    /// <summary>True where padded zeros count.</summary>
    public bool CountPadding { get; } = countPadding;

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var quantized = InputQuantizer.call(x);
        return nn.functional.avg_pool2d(
            quantized, [Window.KernelHeight, Window.KernelWidth], [Window.StrideHeight, Window.StrideWidth], [Window.PadTop, Window.PadLeft],
            count_include_pad: CountPadding);
    }
}
