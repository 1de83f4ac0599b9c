using SparseGrid.Compression.Native;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Quantization;

/// <summary>Fake quantization in native calls of the tensor's device: what is used off the processor, for types other than float32 and for ranges on several axes.</summary>
internal static class ComposedFakeQuantization
{
    private const float LargestHalf = 65504;

    /// <summary>One scale for a float32 tensor.</summary>
    public static Tensor PerTensor(Tensor x, float amax, QuantizationLevels levels, RoundingRule rule)
    {
        var zero = QuantizationScale.IsZero(amax);
        var scale = zero ? QuantizationScale.Zeroing : amax / levels.Max;
        var factor = zero ? 1 / scale : levels.Max / amax;
        var pass = new LevelRounding(amax, levels, rule).Pass;
        using var scope = NewDisposeScope();
        var y = Clamp(x, pass.Low, pass.High);
        using (no_grad())
        {
            // By the other rules a clipped value has the level of the value itself.
            var from = rule == RoundingRule.Pq ? x.detach() : y;
            var level = Clamp((rule == RoundingRule.Onnx ? from.div(Scalar0(scale, x)) : Times(from, rule == RoundingRule.Pq ? factor : 1 / scale)).round_(), levels.Min, levels.Max);
            y.copy_(zero ? Times(level, 0) : rule == RoundingRule.Pq ? level.div_(Scalar0(factor, x)) : Times(level, scale));
        }

        return y.MoveToOuterDisposeScope();
    }

    /// <summary>Any range that broadcasts to x, any floating type.</summary>
    /// <param name="amax">Float32, on x's device.</param>
    /// <param name="toLevels">True gives the levels instead of the values that they stand for.</param>
    /// <remarks>
    /// float16 and bfloat16 are computed in float32, float64 in float64 with the float32 scale; the result is rounded to x's type once. By rule <c>pq</c>, float16 is rounded as
    /// pytorch-quantization does: the level and the factor each to float16, then their quotient. Where the range is one for the tensor, the gradient rule of <c>pq</c> compares in
    /// x's type.
    /// </remarks>
    public static Tensor Of(Tensor x, Tensor amax, QuantizationLevels levels, RoundingRule rule, bool toLevels)
    {
        using var scope = NewDisposeScope();
        Tensor pass, values;
        using (no_grad())
        {
            var narrow = x.dtype is ScalarType.Float16 or ScalarType.BFloat16;
            var wide = narrow ? x.detach().to(ScalarType.Float32) : x.detach();
            var zero = NativeScalar.With(QuantizationScale.Tiny, amax.le);
            var factor = Fill(Scalar0(levels.Max, amax).div(amax), zero, 1 / QuantizationScale.Zeroing);
            var scale = Fill(amax.div(Scalar0(levels.Max, amax)), zero, QuantizationScale.Zeroing);
            var level = rule switch
            {
                RoundingRule.Pq => wide.mul(factor),
                RoundingRule.Torch => wide.mul(scale.reciprocal()),
                _ => wide.div(scale),
            };
            level = level.round_();
            values = Clamp(level, levels.Min, levels.Max);
            pass = (rule == RoundingRule.Pq ? x.abs().le(amax) : level.eq(values)).to(x.dtype);                // a NaN equals nothing
            if (x.dtype == ScalarType.Float16 && rule == RoundingRule.Pq)
                (values, factor) = (values.to(x.dtype), HalfFactor(factor, zero, amax));
            if (!toLevels)
                values = rule == RoundingRule.Pq ? values.div(Fill(factor, zero, float.PositiveInfinity)) : values.mul(Fill(scale, zero, 0));
        }

        var y = x.mul(pass);                                  // gradient: dy where it passes, 0 elsewhere
        using (no_grad())
            y.copy_(values);
        return y.MoveToOuterDisposeScope();
    }

    // It waits for the device, which float16 by this rule has to.
    private static Tensor HalfFactor(Tensor factor, Tensor zero, Tensor amax)
    {
        var largest = Fill(factor, zero, 0).max().to(ScalarType.Float32).item<float>();
        return largest <= LargestHalf
            ? factor.to(ScalarType.Float16)
            : throw new ArgumentException(
                $"amax is {amax.masked_fill(zero, float.PositiveInfinity).min().item<float>()}: by rule pq its factor {largest} is beyond float16's largest number, {LargestHalf}. "
                + "Use float32, or another rule.", nameof(amax));
    }

    private static Tensor Times(Tensor x, float factor) => NativeScalar.With(factor, x.mul);

    private static Tensor Clamp(Tensor x, float low, float high) => NativeScalar.With(low, high, (least, most) => x.clamp(least, most));

    private static Tensor Fill(Tensor x, Tensor where, float value) => NativeScalar.With(value, scalar => x.masked_fill(where, scalar));

    // A number would be turned into its reciprocal by CUDA's division; a tensor is divided by as IEEE 754 says.
    private static Tensor Scalar0(float value, Tensor like) => NativeScalar.With(value, scalar => full([], scalar, ScalarType.Float32, like.device));
}
