using System.Collections.Immutable;
using SparseGrid.Compression.Quantization;

namespace SparseGrid.Compression.Onnx;

/// <summary>A weight as integers: levels −127..127 in the weight's own order, and what one step is worth in each output channel.</summary>
internal sealed record QuantizedWeight(sbyte[] Levels, float[] Scales)
{
    /// <summary>A scale below this is no longer told from zero: what it weighs is lost in fp32 beside any other value of a network.</summary>
    private const double SmallestScale = 1.0 / (1UL << 40) / (1UL << 40);

    /// <summary>A bias may take up to this many steps, so that the 32-bit sum of it and all products (under 2^29 for 16,000 products) cannot
    /// overflow.</summary>
    private const double LargestBias = 1 << 30;

    /// <summary>Quantizes each output channel by its amax: level = clamp(round(w / scale), −127, 127), scale = amax / 127, or 1 for an all-zero
    /// channel.</summary>
    /// <param name="weight">Float32, output channel first.</param>
    /// <param name="amax">Of each output channel, in weight units; a single one serves all of them.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="InvalidDataException">There is not one finite amax, zero or above, for each channel.</exception>
    public static QuantizedWeight Of(ReadOnlySpan<float> weight, ImmutableArray<float> amax, int channels, RoundingRule rounding, string name)
    {
        if (amax.Length == 1)
            amax = [.. Enumerable.Repeat(amax[0], channels)];
        if (amax.Length != channels)
            throw new InvalidDataException($"Node '{name}' has {channels} output channels, but {amax.Length} weight ranges were given.");

        var levels = new sbyte[weight.Length];
        var scales = new float[channels];
        var perChannel = weight.Length / channels;
        for (var k = 0; k < channels; k++)
        {
            if (!float.IsFinite(amax[k]) || amax[k] < 0)
                throw new InvalidDataException($"The weight range of node '{name}', channel {k}, is {amax[k]}: amax is finite and not negative.");

            scales[k] = QuantizationScale.Of(amax[k], 127);
            for (var i = k * perChannel; i < (k + 1) * perChannel; i++)
                levels[i] = float.IsNaN(weight[i])
                    ? throw new InvalidDataException($"A weight of node '{name}', channel {k}, is not a number; has the training diverged?")
                    : Level(weight[i], amax[k], scales[k], rounding);
        }

        return new(levels, scales);
    }

    /// <summary>The levels of a weight whose scales are known, as a file says them: level = clamp(round(w / scale), −127, 127), halves to even.</summary>
    /// <param name="scales">Above 0, one for each output channel, or one for all of them.</param>
    /// <exception cref="InvalidDataException">There is not one scale for each channel, or a weight is not a number.</exception>
    public static QuantizedWeight AtScales(ReadOnlySpan<float> weight, float[] scales, int channels, string name)
    {
        if (scales.Length == 1)
            scales = [.. Enumerable.Repeat(scales[0], channels)];
        if (scales.Length != channels)
            throw new InvalidDataException($"Node '{name}' has {channels} output channels, but {scales.Length} weight scales were given.");

        var levels = new sbyte[weight.Length];
        var perChannel = weight.Length / channels;
        for (var i = 0; i < levels.Length; i++)
        {
            if (float.IsNaN(weight[i]))
                throw new InvalidDataException($"A weight of node '{name}', channel {i / perChannel}, is not a number; has the training diverged?");
            levels[i] = (sbyte)Math.Clamp(MathF.Round(weight[i] / scales[i / perChannel], MidpointRounding.ToEven), -127f, 127f);
        }

        return new(levels, scales);
    }

    /// <summary>The same weight times a factor for each output channel. Levels stay (but for their sign), so zeros and trained integers do too.</summary>
    /// <param name="bias">What is added after, in output units; each must be expressible as a 32-bit integer at scale <paramref name="inputScale"/> · weight
    /// scale.</param>
    /// <param name="inputScale">Scale of the layer's input; null where the bias stays float.</param>
    /// <remarks>
    /// Where a factor is so small that the bias would not fit (a dead channel: γ near 0), the scale is raised until it does and the levels shrink with it:
    /// at γ = 0 they become zeros. What that rounds away is at most 127 / 2^30 of the bias for each product.
    /// </remarks>
    public QuantizedWeight Times(double[] factor, double[] bias, float? inputScale)
    {
        var levels = (sbyte[])Levels.Clone();
        var scales = new float[Scales.Length];
        var perChannel = levels.Length / scales.Length;
        for (var k = 0; k < scales.Length; k++)
        {
            var exact = Math.Abs(factor[k]) * Scales[k];
            var needed = inputScale is { } x ? Math.Max(SmallestScale, Math.Abs(bias[k]) / (x * LargestBias)) : SmallestScale;
            scales[k] = (float)Math.Max(exact, needed);
            var shrink = exact < needed ? exact / scales[k] : 1;
            for (var i = k * perChannel; i < (k + 1) * perChannel; i++)
                levels[i] = (sbyte)Math.Round(Math.Sign(factor[k]) * levels[i] * shrink, MidpointRounding.ToEven);
        }

        return new(levels, scales);
    }

    /// <summary>A bias as 32-bit integers at scale input · weight, the scale of the sums of products.</summary>
    /// <returns>Levels and their scales, one for each output channel.</returns>
    public (int[] Levels, float[] Scales) Bias(double[] bias, float inputScale)
    {
        var levels = new int[bias.Length];
        var scales = new float[bias.Length];
        for (var k = 0; k < bias.Length; k++)
        {
            scales[k] = inputScale * Scales[k];
            levels[k] = int.CreateSaturating(Math.Round(bias[k] / scales[k], MidpointRounding.ToEven));
        }

        return (levels, scales);
    }

    private static sbyte Level(float value, float amax, float scale, RoundingRule rounding)
    {
        if (QuantizationScale.IsZero(amax))
            return 0;

        var steps = rounding switch
        {
            RoundingRule.Pq => value * (127f / amax),
            RoundingRule.Torch => value * (1f / scale),
            _ => value / scale,
        };
        return (sbyte)Math.Clamp(MathF.Round(steps, MidpointRounding.ToEven), -127f, 127f);
    }
}
