using SparseGrid.Compression.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Modules;

/// <summary>Fully connected layer on a quantized input with a quantized weight: [..., C] to [..., K].</summary>
/// <remarks>Weight [K, C], with a range per output feature unless settings say otherwise; bias [K].</remarks>
/// <param name="input">Settings of the input's quantizer; null for one signed 8-bit range.</param>
/// <param name="weight">Settings of the weight's quantizer; null for a signed 8-bit range per output feature.</param>
public sealed class QuantLinear(
    int inFeatures, int outFeatures, bool bias = true, QuantizerSettings? input = null, QuantizerSettings? weight = null, int seed = 0)
    : QuantizedWeightModule(
        nameof(QuantLinear), [outFeatures, inFeatures], outFeatures, inFeatures, bias,
        input ?? QuantizerSettings.Activation, weight ?? QuantizerSettings.Weight, seed)
{
    private protected override Tensor Apply(Tensor x, Tensor quantized, Tensor? added) => nn.functional.linear(x, quantized, added);
}
