using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Randomness;
using SparseGrid.Compression.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Modules;

/// <summary>A layer that quantizes its input and its weight; the bias stays float.</summary>
public abstract class QuantizedWeightModule : QuantizedModule
{
    // Components are registered by the names of their fields.
    private readonly TensorQuantizer _weight_quantizer;
    private readonly bool hasBias;

    /// <param name="shape">Of the weight.</param>
    /// <param name="outputs">Output channels: the length of the bias.</param>
    /// <param name="fanIn">Products that are summed for one output value.</param>
    private protected QuantizedWeightModule(
        string name, long[] shape, int outputs, long fanIn, bool hasBias, QuantizerSettings inputSettings, QuantizerSettings weightSettings, int seed)
        : base(name, inputSettings)
    {
        register_module("_weight_quantizer", _weight_quantizer = new(weightSettings, $"weight of {name}"));
        register_parameter("weight", new(Uniform(shape, fanIn, seed, "weight")));
        this.hasBias = hasBias;
        if (hasBias)
            register_parameter("bias", new(Uniform([outputs], fanIn, seed, "bias")));
    }

    /// <summary>What the weight passes through.</summary>
    public TensorQuantizer WeightQuantizer => _weight_quantizer;

    /// <summary>The float weight that an optimizer trains.</summary>
    public Parameter Weight => get_parameter("weight")!;      // not kept: moving to another device replaces it

    /// <summary>Float, one value per output channel; null where the layer adds none.</summary>
    public Parameter? Bias => hasBias ? get_parameter("bias") : null;

    /// <inheritdoc/>
    public override IEnumerable<TensorQuantizer> Quantizers => [InputQuantizer, WeightQuantizer];

    /// <summary>Overwrites weight and bias.</summary>
    /// <param name="weights">Float32, of the weight's shape.</param>
    /// <param name="biases">Float32, of the bias's shape; null exactly where the layer adds none.</param>
    /// <exception cref="ArgumentException">A shape or type is another, or a bias is missing or too much.</exception>
    public void Load(HostArray weights, HostArray? biases)
    {
        using var noGrad = no_grad();
        Copy(weights, Weight, "weight");
        if (biases is null == hasBias)
            throw new ArgumentException($"{GetName()} {(!hasBias ? "adds no bias, but one is given; leave it out" : "adds a bias, but none is given; pass one")}.", nameof(biases));
        if (biases is not null)
            Copy(biases, Bias!, "bias");
    }

    /// <param name="x">Float32, of the layer's rank.</param>
    /// <returns>The layer's output; the caller owns it.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Apply(InputQuantizer.call(x), WeightQuantizer.call(Weight), Bias).MoveToOuterDisposeScope();
    }

    /// <summary>The float operation on quantized input and weight.</summary>
    private protected abstract Tensor Apply(Tensor x, Tensor quantized, Tensor? added);

    private static void Copy(HostArray values, Parameter into, string name)
    {
        if (values.Type != ElementType.F32 || !values.Shape.AsSpan().SequenceEqual(into.shape))
            throw new ArgumentException($"The {name} is {values.Type} [{string.Join(", ", values.Shape)}], but the layer takes F32 [{string.Join(", ", into.shape)}].", nameof(values));
        using var loaded = tensor(values.Floats.ToArray(), into.shape, device: into.device);
        into.copy_(loaded);
    }

    // The usual first values, uniform within ±1/sqrt(fan in), but a function of the seed.
    private static Tensor Uniform(long[] shape, long fanIn, int seed, string purpose)
    {
        if (shape.Any(size => size < 1))
            throw new ArgumentException($"The {purpose} would have the shape [{string.Join(", ", shape)}]: every size is at least 1.", nameof(shape));

        var random = new CounterRandom(seed, $"initial {purpose}");
        var bound = 1 / Math.Sqrt(fanIn);
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(bound * (2 * random.Uniform(0, i) - 1));
        return tensor(values, shape).DetachFromDisposeScope();
    }
}
