using SparseGrid.Compression.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Quantization;

/// <summary>Quantizes and restores tensors so that training sees the rounding; gradients go straight through it.</summary>
/// <remarks>
/// <para>The formulas are those of <see cref="RoundingReference"/>, bit for bit. Levels in training: activations use all of
/// <see cref="ActivationQuantizer.MinLevel"/>…MaxLevel under every rule, as ONNX's QuantizeLinear saturates in the exported file. pytorch-quantization does the same on CPU,
/// while its per-tensor CUDA kernel stops at −127; the two differ only below −127.5 steps. Weights use −127…127.</para>
/// <para>How it is computed: an operator that autograd records carries the gradient, and its result is then overwritten without recording, so forward values are
/// exactly those of the rule (x + (y − x) is not). On the processor that takes one pass over memory on libtorch's threads, <see cref="OnePassFakeQuantization"/>; elsewhere a few
/// native calls, <see cref="ComposedFakeQuantization"/>. The rule <c>torch</c> gives the same values as PyTorch's fused operators (test), which make the lowest
/// level of NaN.</para>
/// <para>±∞ saturate. A NaN stays NaN; the gradient there means nothing (one range on the processor passes it, the other ways do not): looking would cost a pass over
/// memory, and the network is lost.</para>
/// </remarks>
public static class FakeQuantization
{
    /// <summary>An activation as the integer kernels see it: one scale for the whole tensor.</summary>
    /// <param name="x">Float32, any shape, on any device.</param>
    /// <param name="amax">The absolute value that maps to the largest level, in units of x; up to 2^-24 it counts as 0, and all outputs are 0.</param>
    /// <returns>Float32 of the same shape; the caller owns it. Its gradient flows to x by the rule, none to amax.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="amax"/> is negative, NaN or infinite.</exception>
    /// <exception cref="ArgumentException"><paramref name="x"/> is not float32.</exception>
    public static Tensor Activation(Tensor x, float amax, ActivationQuantizer quantizer, RoundingRule rule) => PerTensor(x, amax, quantizer.Levels, rule);

    /// <summary><see cref="Activation"/> of ReLU of x; on the processor in no more passes over memory than ReLU alone and one.</summary>
    /// <param name="x">Float32, any shape, on any device.</param>
    /// <returns>Float32 of the same shape; the caller owns it. No gradient passes where x is 0 or less.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="amax"/> is negative, NaN or infinite.</exception>
    /// <exception cref="ArgumentException"><paramref name="x"/> is not float32.</exception>
    public static Tensor ReluActivation(Tensor x, float amax, ActivationQuantizer quantizer, RoundingRule rule)
    {
        RequireFloat(x, nameof(x));
        if (x.device_type == DeviceType.CPU)
            return OnePassFakeQuantization.PerTensor(x, new(amax, quantizer.Levels, rule), afterRelu: true);

        using var positive = x.relu();
        return Activation(positive, amax, quantizer, rule);
    }

    /// <summary>A weight as the integer kernels see it: one scale per output channel, levels −127…127.</summary>
    /// <param name="weight">Float32 [K, …].</param>
    /// <param name="amax">Float32 [K], on the weight's device: the absolute value of each channel that maps to 127, in weight units, finite and not
    /// negative (off the processor not checked: that would wait for the device); up to 2^-24 it counts as 0, and the channel's outputs are 0.</param>
    /// <returns>Float32 of the weight's shape; the caller owns it. Zeros stay exact zeros, so 2:4 weights stay 2:4.</returns>
    /// <exception cref="ArgumentException">A tensor is not float32, or amax is not [K].</exception>
    public static Tensor Weight(Tensor weight, Tensor amax, RoundingRule rule)
    {
        RequireFloat(weight, nameof(weight));
        if (weight.dim() < 1 || amax.dim() != 1 || amax.shape[0] != weight.shape[0])
        {
            throw new ArgumentException(
                $"amax has shape [{string.Join(", ", amax.shape)}] for a weight [{string.Join(", ", weight.shape)}]: it holds one value per output channel.", nameof(amax));
        }

        using var scope = NewDisposeScope();
        var shaped = amax.detach().view([weight.shape[0], .. Enumerable.Repeat(1L, (int)weight.dim() - 1)]);   // [K, 1, 1, 1]
        return Of(weight, shaped, QuantizationLevels.NarrowInt8, rule).MoveToOuterDisposeScope();
    }

    /// <summary>One scale for a tensor, at any levels.</summary>
    /// <param name="x">Float32, any shape, on any device.</param>
    /// <param name="amax">The absolute value that maps to the largest level, in units of x; up to 2^-24 it counts as 0, and all outputs are 0.</param>
    /// <returns>Float32 of the same shape; the caller owns it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="amax"/> is negative, NaN or infinite.</exception>
    /// <exception cref="ArgumentException"><paramref name="x"/> is not float32.</exception>
    public static Tensor PerTensor(Tensor x, float amax, QuantizationLevels levels, RoundingRule rule)
    {
        RequireFloat(x, nameof(x));
        return x.device_type == DeviceType.CPU
            ? OnePassFakeQuantization.PerTensor(x, new(amax, levels, rule), afterRelu: false)
            : ComposedFakeQuantization.PerTensor(x, amax, levels, rule);
    }

    /// <summary>Ranges of any granularity, at any levels: one scale for each position of the axes on which amax is longer than 1.</summary>
    /// <param name="x">Float32, float64, float16 or bfloat16, any shape, on any device. The narrow types are computed in float32, float64 with the float32 scale.</param>
    /// <param name="amax">Float32 on x's device: one value, or of x's rank with sizes 1 or x's. Up to 2^-24 a range counts as 0. It is finite and not negative (off the
    /// processor not checked: that would wait for the device).</param>
    /// <returns>Of x's type and shape; the caller owns it. Its gradient flows to x by the rule, none to amax.</returns>
    /// <exception cref="ArgumentOutOfRangeException">On the processor: a range is negative, NaN or infinite.</exception>
    /// <exception cref="ArgumentException">A type or shape is another; or float16 by rule pq, whose factor max / amax float16 cannot hold.</exception>
    public static Tensor Of(Tensor x, Tensor amax, QuantizationLevels levels, RoundingRule rule) => Of(x, amax, levels, rule, toLevels: false);

    /// <summary>The levels themselves, as numbers of x's type, with the same gradient as the values they stand for: dy where it passes, by no factor.</summary>
    /// <inheritdoc cref="Of(Tensor, Tensor, QuantizationLevels, RoundingRule)"/>
    public static Tensor Levels(Tensor x, Tensor amax, QuantizationLevels levels, RoundingRule rule) => Of(x, amax, levels, rule, toLevels: true);

    private static Tensor Of(Tensor x, Tensor amax, QuantizationLevels levels, RoundingRule rule, bool toLevels)
    {
        RequireBroadcast(x, amax);
        if (x.dtype is not (ScalarType.Float32 or ScalarType.Float64 or ScalarType.Float16 or ScalarType.BFloat16))
            throw new ArgumentException($"x is {x.dtype}: fake quantization takes Float32, Float64, Float16 and BFloat16.", nameof(x));
        if (x.device_type != DeviceType.CPU)
            return ComposedFakeQuantization.Of(x, amax, levels, rule, toLevels);

        using var scope = NewDisposeScope();
        using var dense = amax.detach().contiguous();
        var ranges = DenseFloats.Of(dense);
        foreach (var range in ranges)
            _ = QuantizationScale.IsZero(range);
        var y = x.dtype != ScalarType.Float32 || x.numel() == 0 ? null
            : ranges.Length == 1 ? OnePassFakeQuantization.PerTensor(x, new(ranges[0], levels, rule, toLevels), afterRelu: false)
            : OnePassFakeQuantization.PerChannel(x, dense.shape, ranges, levels, rule, toLevels);
        return (y ?? ComposedFakeQuantization.Of(x, amax.detach(), levels, rule, toLevels)).MoveToOuterDisposeScope();
    }

    private static void RequireBroadcast(Tensor x, Tensor amax)
    {
        RequireFloat(amax, nameof(amax));
        var fits = amax.numel() == 1 || (amax.dim() == x.dim() && amax.shape.Zip(x.shape).All(sizes => sizes.First == 1 || sizes.First == sizes.Second));
        if (!fits)
        {
            throw new ArgumentException(
                $"amax has shape [{string.Join(", ", amax.shape)}] for [{string.Join(", ", x.shape)}]: it holds one value, or has the same rank with 1 on every axis that shares a range.",
                nameof(amax));
        }
    }

    private static void RequireFloat(Tensor tensor, string name)
    {
        if (tensor.dtype != ScalarType.Float32)
            throw new ArgumentException($"{name} is {tensor.dtype}: it must be Float32. Convert it first.", name);
    }
}
