using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Modules;

/// <summary>2-D transposed convolution of a quantized input by a quantized weight: [N, C, H, W] to [N, K, H', W'].</summary>
/// <remarks>Weight [C, K / groups, R, S], whose axis 1 has a range per position unless settings say otherwise; bias [K].</remarks>
public sealed class QuantConvTranspose2d : QuantizedWeightModule
{
    private readonly (Window Window, int OutputPadding, int Groups) slide;

    /// <summary>A transposed convolution with first weights from the seed.</summary>
    /// <param name="window">Equal padding on opposite sides.</param>
    /// <param name="outputPadding">Rows and columns added at the end of the output.</param>
    /// <param name="input">Settings of the input's quantizer; null for one signed 8-bit range.</param>
    /// <param name="weight">Settings of the weight's quantizer; null for a signed 8-bit range per position of axis 1.</param>
    /// <exception cref="ArgumentException">Channels do not divide by the groups, padding is unequal, or settings contradict themselves.</exception>
    public QuantConvTranspose2d(
        int inChannels, int outChannels, Window window, int outputPadding = 0, int groups = 1, bool bias = true,
        QuantizerSettings? input = null, QuantizerSettings? weight = null, int seed = 0)
        : base(
            nameof(QuantConvTranspose2d), [inChannels, ChannelGroups.Of(outChannels, inChannels, groups), window.KernelHeight, window.KernelWidth], outChannels,
            (long)outChannels / groups * window.KernelHeight * window.KernelWidth, bias,
            input ?? QuantizerSettings.Activation, weight ?? QuantizerSettings.TransposedWeight, seed)
    {
        if (window.PadTop != window.PadBottom || window.PadLeft != window.PadRight)
            throw new ArgumentException($"The window pads {window.PadTop}, {window.PadLeft}, {window.PadBottom}, {window.PadRight}: a transposed convolution takes equal padding on opposite sides.", nameof(window));
        slide = (window, outputPadding, groups);
    }

    private protected override Tensor Apply(Tensor x, Tensor quantized, Tensor? added)
    {
        var window = slide.Window;
        return nn.functional.conv_transpose2d(
            x, quantized, added, [window.StrideHeight, window.StrideWidth], [window.PadTop, window.PadLeft], [slide.OutputPadding, slide.OutputPadding],
            [window.DilationHeight, window.DilationWidth], slide.Groups);
    }
}
