using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Quantization;

/// <summary>Quantizes and restores tensors in float32 so that training sees the rounding; gradients go straight through it.</summary>
/// <remarks>
/// <para>Levels: activations use all of <see cref="ActivationQuantizer.MinLevel"/>…MaxLevel under every rule, as ONNX's QuantizeLinear saturates in the
/// exported
/// file. pytorch-quantization does the same on CPU, while its per-tensor CUDA kernel stops at −127; the two differ only below −127.5 steps. Weights use
/// −127…127.</para>
/// <para>How it is computed: a clamp (or a product with the pass mask) that autograd records carries the gradient, and its result is then overwritten
/// without recording. Forward values are exactly those of the rule (x + (y − x) is not), in four native calls. PyTorch's fused operator gives the same
/// values (test), in one kernel on CUDA, where it is used; on CPU it takes seven times as long as the four calls (13.7 against 1.9 ms for 1.6 million
/// values).</para>
/// <para>A NaN stays NaN, but not in the fused operator on CUDA, which turns it into the smallest level: look at the weights too to detect a diverged run
/// there.</para>
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
        var zero = QuantizationScale.IsZero(amax);
        var scale = zero ? ZeroingScale : QuantizationScale.Of(amax, max);
        if (rule == RoundingRule.Torch && x.device_type != DeviceType.CPU)
            return FusedFakeQuantization.PerTensor(x, scale, min, max);

        using var scope = NewDisposeScope();
        if (rule == RoundingRule.Pq)
        {
            var factor = zero ? 0f : max / amax;
            var clipped = x.clamp(-amax, amax);
            using (no_grad())
            {
                var levels = x.mul(factor).round_().clamp_(min, max);
                clipped.copy_(zero ? levels : levels.div_(Scalar0(factor, x)));
            }

            return clipped.MoveToOuterDisposeScope();
        }

        var inverse = 1f / scale;
        var pass = PassInterval.Of(rule == RoundingRule.Torch ? value => value * inverse : value => value / scale, min, max);
        var y = x.clamp(pass.Low, pass.High);
        using (no_grad())
        {
            _ = rule == RoundingRule.Torch ? y.mul_(inverse) : y.div_(Scalar0(scale, x));
            y.round_().mul_(scale);
        }

        return y.MoveToOuterDisposeScope();
    }

    /// <summary>One scale for each position of the axes on which amax is longer than 1, at any levels.</summary>
    /// <param name="amax">Float32 of x's rank, sizes 1 or x's.</param>
    internal static Tensor PerChannel(Tensor x, Tensor amax, int min, int max, RoundingRule rule)
    {
        using var scope = NewDisposeScope();
        if (rule == RoundingRule.Torch && x.device_type != DeviceType.CPU && amax.shape[0] == amax.numel())
            return FusedFakeQuantization.PerChannel(x, ScaleOf(amax, max).flatten(), min, max).MoveToOuterDisposeScope();

        Tensor pass, values;
        using (no_grad())
        {
            var zero = amax.le(QuantizationScale.Tiny);
            if (rule == RoundingRule.Pq)
            {
                var factor = Scalar0(max, x).div(amax).masked_fill_(zero, 0f);
                pass = x.abs().le(amax);
                values = x.mul(factor).round_().clamp_(min, max).div_(factor.masked_fill_(zero, 1f));
            }
            else
            {
                var scale = ScaleOf(amax, max);
                var levels = (rule == RoundingRule.Torch ? x.mul(scale.reciprocal()) : x.div(scale)).round_();
                pass = levels.ge(min).logical_and_(levels.le(max));
                values = levels.clamp_(min, max).mul_(scale);
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
        return amax.div(Scalar0(max, amax)).masked_fill_(amax.le(QuantizationScale.Tiny), ZeroingScale);
    }

    // A number would be turned into its reciprocal by CUDA's division; a tensor is divided by as IEEE 754 says.
    private static Tensor Scalar0(float value, Tensor like) => full([], value, ScalarType.Float32, like.device);

    private static void RequireFloat(Tensor tensor, string name)
    {
        if (tensor.dtype != ScalarType.Float32)
            throw new ArgumentException($"{name} is {tensor.dtype}: fake quantization computes in Float32. Convert it first.", name);
    }
}
