using SparseGrid.Compression.Native;
using SparseGrid.Compression.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Quantization;

/// <summary>Quantizes and restores tensors in float32 so that training sees the rounding; gradients go straight through it.</summary>
/// <remarks>
/// <para>Levels: activations use all of <see cref="ActivationQuantizer.MinLevel"/>…MaxLevel under every rule, as ONNX's QuantizeLinear saturates in the
/// exported
/// file. pytorch-quantization does the same on CPU, while its per-tensor CUDA kernel stops at −127; the two differ only below −127.5 steps. Weights use
/// −127…127.</para>
/// <para>How it is computed: an operator that autograd records carries the gradient, and its result is then overwritten without recording, so forward values are
/// exactly those of the rule (x + (y − x) is not). On the processor that takes one pass over memory, <see cref="OnePassFakeQuantization"/>; elsewhere a few native
/// calls. The rule <c>torch</c> gives the same values as PyTorch's fused operators (test).</para>
/// <para>A NaN stays NaN.</para>
/// </remarks>
public static class FakeQuantization
{
    private const int WeightLevel = 127;

    // The inverse is still a normal number, and every finite input of practical size rounds to level 0.
    private const float ZeroingScale = 1.2676506e30f;         // 2^100

    /// <summary>An activation as the integer kernels see it: one scale for the whole tensor.</summary>
    /// <param name="x">Float32, any shape, on any device.</param>
    /// <param name="amax">The absolute value that maps to the largest level, in units of x; up to 2^-24 it counts as 0, and all outputs are 0.</param>
    /// <returns>Float32 of the same shape; the caller owns it. Its gradient flows to x by the rule, none to amax.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="amax"/> is negative, NaN or infinite.</exception>
    /// <exception cref="ArgumentException"><paramref name="x"/> is not float32.</exception>
    public static Tensor Activation(Tensor x, float amax, ActivationQuantizer quantizer, RoundingRule rule) =>
        PerTensor(x, amax, quantizer.MinLevel, quantizer.MaxLevel, rule);

    /// <summary><see cref="Activation"/> of ReLU of x; on the processor in no more passes over memory than ReLU alone and one.</summary>
    /// <param name="x">Float32, any shape, on any device.</param>
    /// <returns>Float32 of the same shape; the caller owns it. No gradient passes where x is 0 or less.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="amax"/> is negative, NaN or infinite.</exception>
    /// <exception cref="ArgumentException"><paramref name="x"/> is not float32.</exception>
    public static Tensor ReluActivation(Tensor x, float amax, ActivationQuantizer quantizer, RoundingRule rule)
    {
        RequireFloat(x, nameof(x));
        if (x.device_type == DeviceType.CPU)
            return OnePassFakeQuantization.PerTensor(x, new(amax, quantizer.MinLevel, quantizer.MaxLevel, rule), afterRelu: true);

        using var positive = x.relu();
        return Activation(positive, amax, quantizer, rule);
    }

    /// <summary>A weight as the integer kernels see it: one scale per output channel, levels −127…127.</summary>
    /// <param name="weight">Float32 [K, …].</param>
    /// <param name="amax">Float32 [K], on the weight's device: the absolute value of each channel that maps to 127, in weight units, finite and not
    /// negative (not checked: that would wait for the device); up to 2^-24 it counts as 0, and the channel's outputs are 0.</param>
    /// <returns>Float32 of the weight's shape; the caller owns it. Zeros stay exact zeros, so 2:4 weights stay 2:4.</returns>
    /// <exception cref="ArgumentException">A tensor is not float32, or amax is not [K].</exception>
    public static Tensor Weight(Tensor weight, Tensor amax, RoundingRule rule)
    {
        RequireFloat(weight, nameof(weight));
        RequireFloat(amax, nameof(amax));
        if (weight.dim() < 1 || amax.dim() != 1 || amax.shape[0] != weight.shape[0])
        {
            throw new ArgumentException(
                $"amax has shape [{string.Join(", ", amax.shape)}] for a weight [{string.Join(", ", weight.shape)}]: it holds one value per output channel.", nameof(amax));
        }

        var channels = weight.shape[0];
        using var scope = NewDisposeScope();
        using (no_grad())
            amax = amax.detach().view([channels, .. Enumerable.Repeat(1L, (int)weight.dim() - 1)]);         // [K, 1, 1, 1]
        return PerChannel(weight, amax, -WeightLevel, WeightLevel, rule).MoveToOuterDisposeScope();
    }

    /// <summary>One scale for a tensor, at any levels.</summary>
    internal static Tensor PerTensor(Tensor x, float amax, int min, int max, RoundingRule rule)
    {
        RequireFloat(x, nameof(x));
        return x.device_type == DeviceType.CPU
            ? OnePassFakeQuantization.PerTensor(x, new(amax, min, max, rule), afterRelu: false)
            : ComposedPerTensor(x, amax, min, max, rule);
    }

    /// <summary>The same in native calls of the tensor's device; slower on the processor, and what the one pass there is tested against.</summary>
    internal static Tensor ComposedPerTensor(Tensor x, float amax, int min, int max, RoundingRule rule)
    {
        var zero = QuantizationScale.IsZero(amax);
        var scale = zero ? ZeroingScale : QuantizationScale.Of(amax, max);
        using var scope = NewDisposeScope();
        if (rule == RoundingRule.Pq)
        {
            var factor = zero ? 0f : max / amax;
            var clipped = Clamp(x, -amax, amax);
            using (no_grad())
            {
                var levels = Clamp(Times(x, factor).round_(), min, max);
                clipped.copy_(zero ? levels : levels.div_(Scalar0(factor, x)));
            }

            return clipped.MoveToOuterDisposeScope();
        }

        var inverse = 1f / scale;
        var pass = PassInterval.Of(rule == RoundingRule.Torch ? value => value * inverse : value => value / scale, min, max);
        var y = Clamp(x, pass.Low, pass.High);
        using (no_grad())
        {
            y.copy_(Times((rule == RoundingRule.Torch ? Times(y, inverse) : y.div(Scalar0(scale, x))).round_(), scale));
        }

        return y.MoveToOuterDisposeScope();
    }

    /// <summary>One scale for each position of the axes on which amax is longer than 1, at any levels.</summary>
    /// <param name="amax">Float32 of x's rank, sizes 1 or x's.</param>
    internal static Tensor PerChannel(Tensor x, Tensor amax, int min, int max, RoundingRule rule) =>
        x.device_type == DeviceType.CPU && amax.shape[0] == amax.numel() && amax.shape[0] == x.shape[0]
            ? OnePassFakeQuantization.PerChannel(x, DenseFloats.Of(amax), min, max, rule)
            : ComposedPerChannel(x, amax, min, max, rule);

    /// <summary>The same in native calls of the tensor's device.</summary>
    internal static Tensor ComposedPerChannel(Tensor x, Tensor amax, int min, int max, RoundingRule rule)
    {
        using var scope = NewDisposeScope();
        Tensor pass, values;
        using (no_grad())
        {
            if (rule == RoundingRule.Pq)
            {
                var zero = CountsAsZero(amax);
                var factor = Fill(Scalar0(max, x).div(amax), zero, 0);
                pass = x.abs().le(amax);
                values = Clamp(x.mul(factor).round_(), min, max).div_(Fill(factor, zero, 1));
            }
            else
            {
                var scale = ScaleOf(amax, max);
                var levels = (rule == RoundingRule.Torch ? x.mul(scale.reciprocal()) : x.div(scale)).round_();
                values = Clamp(levels, min, max);
                pass = levels.eq(values);                     // a NaN equals nothing
                values.mul_(scale);
            }

            pass = pass.to(ScalarType.Float32);
        }

        var y = x.mul(pass);                                  // gradient: dy where it passes, 0 elsewhere
        using (no_grad())
            y.copy_(values);
        return y.MoveToOuterDisposeScope();
    }

    private static Tensor ScaleOf(Tensor amax, int max)
    {
        using var noGrad = no_grad();
        return Fill(amax.div(Scalar0(max, amax)), CountsAsZero(amax), ZeroingScale);
    }

    private static Tensor CountsAsZero(Tensor amax) => NativeScalar.With(QuantizationScale.Tiny, amax.le);

    private static Tensor Times(Tensor x, float factor) => NativeScalar.With(factor, x.mul);

    private static Tensor Clamp(Tensor x, float low, float high) => NativeScalar.With(low, high, (least, most) => x.clamp(least, most));

    private static Tensor Fill(Tensor x, Tensor where, float value) => NativeScalar.With(value, scalar => x.masked_fill(where, scalar));

    // A number would be turned into its reciprocal by CUDA's division; a tensor is divided by as IEEE 754 says.
    private static Tensor Scalar0(float value, Tensor like) =>
        NativeScalar.With(value, scalar => full([], scalar, ScalarType.Float32, like.device));

    private static void RequireFloat(Tensor tensor, string name)
    {
        if (tensor.dtype != ScalarType.Float32)
            throw new ArgumentException($"{name} is {tensor.dtype}: fake quantization computes in Float32. Convert it first.", name);
    }
}
