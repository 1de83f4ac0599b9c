namespace SparseGrid.Compression.Quantization;

/// <summary>Fake quantization of one number, written as the rules are defined: slow, and what every fast path must equal bit for bit.</summary>
/// <remarks>
/// <para>Everything is float32, each operation rounded once; round() takes halves to the even integer. With max the largest level and min the smallest:</para>
/// <list type="table">
/// <item><term>pq</term><description>f = max / amax; q = clamp(round(x · f), min, max); y = q / f; the gradient passes where |x| ≤ amax. Source: pytorch-quantization
/// 2.2.1, tensor_quant (its CPU path).</description></item>
/// <item><term>torch</term><description>s = amax / max; q = clamp(round(x · (1 / s)), min, max); y = q · s; the gradient passes where min ≤ round(x · (1 / s)) ≤ max.
/// Source: PyTorch, fake_quantize_per_tensor_affine and fake_quantize_per_channel_affine with zero point 0.</description></item>
/// <item><term>onnx</term><description>s = amax / max; q = clamp(round(x / s), min, max); y = q · s; the gradient as by torch. Source: ONNX, QuantizeLinear and
/// DequantizeLinear of opset 13 (ONNX defines no gradient).</description></item>
/// </list>
/// <para>Alike by all rules: an amax up to 2^-24 counts as 0; then f is 2^-100 and s is 2^100, so that whatever is below 2^99 has level 0, and y is 0 for all. ±∞
/// saturate. NaN stays NaN and passes no gradient (the fast path for one range on the processor passes it).</para>
/// </remarks>
public static class RoundingReference
{
    /// <summary>The level of x: an integer from min to max; NaN for NaN.</summary>
    /// <param name="amax">The absolute value that maps to the largest level, in units of x.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="amax"/> is negative, NaN or infinite.</exception>
    public static float Level(float x, float amax, QuantizationLevels levels, RoundingRule rule)
    {
        var level = Unclamped(x, amax, levels, rule);
        return level < levels.Min ? levels.Min : level > levels.Max ? levels.Max : level;
    }

    /// <summary>The value that x becomes, in units of x; NaN for NaN.</summary>
    /// <inheritdoc cref="Level"/>
    public static float Value(float x, float amax, QuantizationLevels levels, RoundingRule rule)
    {
        var level = Level(x, amax, levels, rule);
        if (QuantizationScale.IsZero(amax))
            return 0 * level;
        return rule == RoundingRule.Pq ? level / (levels.Max / amax) : level * (amax / levels.Max);
    }

    /// <summary>True where a gradient passes from the value to x.</summary>
    /// <inheritdoc cref="Level"/>
    public static bool Passes(float x, float amax, QuantizationLevels levels, RoundingRule rule)
    {
        if (rule == RoundingRule.Pq)
            return MathF.Abs(x) <= amax;
        var level = Unclamped(x, amax, levels, rule);
        return level >= levels.Min && level <= levels.Max;
    }

    private static float Unclamped(float x, float amax, QuantizationLevels levels, RoundingRule rule)
    {
        var zero = QuantizationScale.IsZero(amax);
        var factor = zero ? 1 / QuantizationScale.Zeroing : levels.Max / amax;
        var scale = zero ? QuantizationScale.Zeroing : amax / levels.Max;
        return MathF.Round(rule switch
        {
            RoundingRule.Pq => x * factor,
            RoundingRule.Torch => x * (1 / scale),
            _ => x / scale,
        });
    }
}
