using System.Runtime.InteropServices;
using SparseGrid.Compression.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Quantization;

/// <summary>Values that rounding rules could differ on, and what comes out of them.</summary>
internal static class RoundingExamples
{
    /// <summary>Levels of several widths, narrow, full and unsigned.</summary>
    public static QuantizationLevels[] Levels { get; } =
    [
        QuantizationLevels.Int8, QuantizationLevels.NarrowInt8, QuantizationLevels.UInt8,
        .. new[] { 2, 4, 6, 16 }.SelectMany(bits => new[] { QuantizationLevels.Of(bits, true, false), QuantizationLevels.Of(bits, true, true), QuantizationLevels.Of(bits, false, false) }),
    ];

    /// <summary>Ranges: usual ones, those that count as zero, the smallest that does not, and huge ones.</summary>
    public static float[] Ranges(Random random, int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => (random.Next(0, 12) + i) % 12 switch
        {
            0 => 0,
            1 => QuantizationScale.Tiny,
            2 => MathF.BitIncrement(QuantizationScale.Tiny),
            3 => float.Epsilon,
            4 => 1e30f,
            5 => float.MaxValue,
            _ => (float)Math.Exp(random.NextDouble() * 20 - 10),
        }),
    ];

    /// <summary>A value for a range: a spread, ties and their neighbours, the ends, denormal, huge, infinite, NaN.</summary>
    public static float Value(Random random, float amax, QuantizationLevels levels)
    {
        var tie = (random.Next(levels.Min - 3, levels.Max + 4) + 0.5f) * (amax / levels.Max);
        return random.Next(0, 16) switch
        {
            0 => tie,
            1 => MathF.BitIncrement(tie),
            2 => MathF.BitDecrement(tie),
            3 => amax * (random.Next(0, 2) * 2 - 1),
            4 => MathF.BitIncrement(amax),
            5 => float.Epsilon * random.Next(-5, 6),
            6 => (float)(random.NextDouble() * 2 - 1) * float.MaxValue,
            7 => random.Next(0, 4) switch { 0 => float.NaN, 1 => float.PositiveInfinity, 2 => float.NegativeInfinity, _ => -0f },
            _ => (float)((random.NextDouble() * 3 - 1.5) * amax),
        };
    }

    /// <summary>Values and gradients of Σ y.</summary>
    public static (float[] Y, float[] Gradient) Run(float[] values, long[] shape, Func<Tensor, Tensor> quantize)
    {
        using var scope = NewDisposeScope();
        var x = tensor(values).view(shape).requires_grad_();
        var y = quantize(x);
        // NaN in the sum would make every gradient NaN.
        y.nan_to_num(0).sum().backward();
        return (y.detach().contiguous().data<float>().ToArray(), x.grad!.contiguous().data<float>().ToArray());
    }

    /// <summary>Bits, where any NaN is as good as another and so is a zero of either sign: integers have one.</summary>
    public static int[] Bits(float[] values) => MemoryMarshal.Cast<float, int>(values.Select(value => float.IsNaN(value) ? float.NaN : value + 0f).ToArray()).ToArray();
}
