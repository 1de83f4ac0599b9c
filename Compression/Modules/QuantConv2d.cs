using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Modules;

/// <summary>2-D convolution of a quantized input by a quantized weight: [N, C, H, W] to [N, K, H', W'].</summary>
/// <remarks>Weight [K, C / groups, R, S], with a range per output channel unless settings say otherwise; bias [K].</remarks>
public sealed class QuantConv2d : QuantizedWeightModule
{
    /// <summary>A convolution with first weights from the seed.</summary>
    /// <param name="padding">What stands beyond the edges; padded values are quantized ones.</param>
    /// <param name="input">Settings of the input's quantizer; null for one signed 8-bit range.</param>
    /// <param name="weight">Settings of the weight's quantizer; null for a signed 8-bit range per output channel.</param>
    /// <exception cref="ArgumentException">Channels do not divide by the groups, or settings contradict themselves.</exception>
    public QuantConv2d(
        int inChannels, int outChannels, Window window, int groups = 1, bool bias = true, PaddingModes padding = PaddingModes.Constant,
        QuantizerSettings? input = null, QuantizerSettings? weight = null, int seed = 0)
        : base(
            nameof(QuantConv2d), [outChannels, ChannelGroups.Of(inChannels, outChannels, groups), window.KernelHeight, window.KernelWidth], outChannels,
            (long)inChannels / groups * window.KernelHeight * window.KernelWidth, bias,
            input ?? QuantizerSettings.Activation, weight ?? QuantizerSettings.Weight, seed) =>
        (Window, Groups, Padding) = (window, groups, padding);

    /// <summary>Kernel, stride, padding, dilation.</summary>
    public Window Window { get; }

    /// <summary>Groups of channels.</summary>
    public int Groups { get; }

    /// <summary>What stands beyond the edges.</summary>
    public PaddingModes Padding { get; }

    private protected override Tensor Apply(Tensor x, Tensor quantized, Tensor? added)
    {
        var even = Padding == PaddingModes.Constant && Window.PadTop == Window.PadBottom && Window.PadLeft == Window.PadRight;
        var padded = even ? x : nn.functional.pad(x, [Window.PadLeft, Window.PadRight, Window.PadTop, Window.PadBottom], Padding, 0);
        return nn.functional.conv2d(
            padded, quantized, added, [Window.StrideHeight, Window.StrideWidth], even ? [Window.PadTop, Window.PadLeft] : [0, 0],
            [Window.DilationHeight, Window.DilationWidth], Groups);
    }
}
