using SparseGrid.Compression.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Modules;

/// <summary>Means of a quantized input over as many regions as the output has pixels: [N, C, H, W] to [N, C, rows, columns].</summary>
/// <param name="rows">At least 1; with one column it is the global average.</param>
/// <param name="input">Settings of the input's quantizer; null for one signed 8-bit range.</param>
public sealed class QuantAdaptiveAvgPool2d(int rows, int columns, QuantizerSettings? input = null)
    : QuantizedModule(nameof(QuantAdaptiveAvgPool2d), input ?? QuantizerSettings.Activation)
{
    /// <summary>Rows of the output.</summary>
    public int Rows { get; } = rows;

    /// <summary>Columns of the output.</summary>
    public int Columns { get; } = columns;

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var quantized = InputQuantizer.call(x);
        return nn.functional.adaptive_avg_pool2d(quantized, [Rows, Columns]);
    }
}
