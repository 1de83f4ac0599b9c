using System.Numerics;

namespace SparseGrid.Compression.Quantization;

/// <content>Integers of host arrays, for exported files.</content>
public static partial class FakeQuantization
{
    /// <summary>Integers as ONNX's QuantizeLinear gives them: q = clamp(round half to even(x / scale), min, max).</summary>
    /// <param name="scale">Units of x per level, above 0.</param>
    /// <param name="q">As long as x: sbyte, byte, short or int, wide enough for the levels.</param>
    /// <exception cref="ArgumentException">A value is NaN, the scale is not a positive number, the lengths differ, or the levels do not fit the type.</exception>
    public static void Quantize<T>(ReadOnlySpan<float> x, float scale, int min, int max, Span<T> q)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (q.Length != x.Length)
            throw new ArgumentException($"{x.Length} values cannot be written to {q.Length} places.", nameof(q));
        if (!(scale > 0) || float.IsInfinity(scale))
            throw new ArgumentException($"scale is {scale}: it is a positive number, amax divided by the largest level.", nameof(scale));
        if (int.CreateSaturating(T.MinValue) > min || int.CreateSaturating(T.MaxValue) < max || min > max)
            throw new ArgumentException($"Levels {min} to {max} do not fit {typeof(T).Name}, which holds {T.MinValue} to {T.MaxValue}.", nameof(q));

        for (var i = 0; i < x.Length; i++)
        {
            var level = MathF.Round(x[i] / scale);
            if (float.IsNaN(level))
                throw new ArgumentException($"Value {i} is {x[i]}: only numbers can be quantized.", nameof(x));
            q[i] = T.CreateTruncating((int)Math.Clamp(level, min, max));
        }
    }

    /// <summary>Integers −127…127 of a weight [K, …] with one scale amax / 127 per output channel; a channel whose amax counts as 0 becomes 0.</summary>
    /// <param name="weight">Row-major values, a multiple of K.</param>
    /// <param name="amax">The range of each of the K output channels, in weight units.</param>
    /// <returns>The integers, in the order of the weight.</returns>
    /// <exception cref="ArgumentException">A value is NaN, or the weights are not a multiple of the channels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An amax is negative, NaN or infinite.</exception>
    public static sbyte[] QuantizeWeight(ReadOnlySpan<float> weight, ReadOnlySpan<float> amax)
    {
        if (amax.IsEmpty || weight.Length % amax.Length != 0)
            throw new ArgumentException($"{weight.Length} weights do not divide into {amax.Length} output channels.", nameof(amax));

        var size = weight.Length / amax.Length;
        var integers = new sbyte[weight.Length];
        for (var k = 0; k < amax.Length; k++)
        {
            if (QuantizationScale.IsZero(amax[k]))
                continue;
            Quantize<sbyte>(weight.Slice(k * size, size), QuantizationScale.Of(amax[k], WeightLevel), -WeightLevel, WeightLevel, integers.AsSpan(k * size, size));
        }

        return integers;
    }
}
