using SparseGrid.Compression.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Modules;

/// <summary>1-D convolution of a quantized input by a quantized weight: [N, C, L] to [N, K, L'].</summary>
/// <remarks>Weight [K, C / groups, R], with a range per output channel unless settings say otherwise; bias [K].</remarks>
public sealed class QuantConv1d : QuantizedWeightModule
{
    private readonly (int Stride, int Padding, int Dilation, int Groups) slide;

    /// <summary>A convolution with first weights from the seed.</summary>
    /// <param name="input">Settings of the input's quantizer; null for one signed 8-bit range.</param>
    /// <param name="weight">Settings of the weight's quantizer; null for a signed 8-bit range per output channel.</param>
    /// <exception cref="ArgumentException">Channels do not divide by the groups, or settings contradict themselves.</exception>
    public QuantConv1d(
        int inChannels, int outChannels, int kernel, int stride = 1, int padding = 0, int dilation = 1, int groups = 1, bool bias = true,
        QuantizerSettings? input = null, QuantizerSettings? weight = null, int seed = 0)
        : base(
            nameof(QuantConv1d), [outChannels, ChannelGroups.Of(inChannels, outChannels, groups), kernel], outChannels, (long)inChannels / groups * kernel, bias,
            input ?? QuantizerSettings.Activation, weight ?? QuantizerSettings.Weight, seed) =>
        slide = (stride, padding, dilation, groups);

    private protected override Tensor Apply(Tensor x, Tensor quantized, Tensor? added) =>
        nn.functional.conv1d(x, quantized, added, slide.Stride, slide.Padding, slide.Dilation, slide.Groups);
}
