using SparseGrid.Compression.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Modules;

/// <summary>A layer that reads its input through a quantizer.</summary>
/// <remarks>
/// <para>The state dictionary has pytorch-quantization's names: <c>_input_quantizer._amax</c> once there is a range, and for layers with weights
/// <c>_weight_quantizer._amax</c>. Numbers are those of <see cref="FakeQuantization"/>.</para>
/// <para>Without a range each input is quantized by its own largest magnitude. <see cref="ModuleCalibration"/> finds ranges.</para>
/// </remarks>
public abstract class QuantizedModule : nn.Module<Tensor, Tensor>
{
    // Components are registered by the names of their fields.
    private readonly TensorQuantizer _input_quantizer;

    private protected QuantizedModule(string name, QuantizerSettings input)
        : base(name) =>
        register_module("_input_quantizer", _input_quantizer = new(input, $"input of {name}"));

    /// <summary>What the input passes through.</summary>
    public TensorQuantizer InputQuantizer => _input_quantizer;

    /// <summary>The quantizers of this layer: of its input, and of its weight where it has one.</summary>
    public virtual IEnumerable<TensorQuantizer> Quantizers => [InputQuantizer];
}
