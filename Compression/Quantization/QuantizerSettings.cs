using System.Collections.Immutable;

namespace SparseGrid.Compression.Quantization;

/// <summary>What a <see cref="TensorQuantizer"/> does. The defaults are those of pytorch-quantization's descriptor.</summary>
public sealed record QuantizerSettings
{
    /// <summary>One range for a whole activation; taken from each input until one is set or calibrated.</summary>
    public static QuantizerSettings Activation { get; } = new();

    /// <summary>The same with levels from 0 on, for what cannot be negative.</summary>
    public static QuantizerSettings UnsignedActivation { get; } = new() { Signed = false };

    /// <summary>A range per output channel of a convolution's [K, C, R, S] or a linear layer's [K, C] weight.</summary>
    public static QuantizerSettings Weight { get; } = new() { Axes = [0] };

    /// <summary>A range per output channel of a transposed convolution's weight, [C, K, R, S].</summary>
    public static QuantizerSettings TransposedWeight { get; } = new() { Axes = [1] };

    /// <summary>Bit width, 2 to 16. Default 8.</summary>
    public int Bits { get; init; } = 8;

    /// <summary>False for levels from 0 on, where values below 0 become 0. Default true.</summary>
    public bool Signed { get; init; } = true;

    /// <summary>True leaves out the smallest signed level. Default false.</summary>
    public bool NarrowRange { get; init; }

    /// <summary>The axes that keep ranges of their own; negative ones count from the last. Empty, the default, is one range for the tensor.</summary>
    /// <remarks>Axis 0 of [K, C, R, S] gives amax [K, 1, 1, 1].</remarks>
    public ImmutableArray<int> Axes { get; init; } = [];

    /// <summary>How values round and gradients pass. Default <see cref="RoundingRule.Pq"/>.</summary>
    public RoundingRule Rule { get; init; } = RoundingRule.Pq;

    /// <summary>A fixed range in units of the input, at least 0; null, the default, leaves it to calibration or to each input.</summary>
    public float? Amax { get; init; }

    /// <summary>Trains the range: inputs are clipped to two learned bounds that start at ±<see cref="Amax"/>. One range for the tensor. Default false.</summary>
    public bool LearnAmax { get; init; }

    /// <summary>What every range is multiplied by before use. Default 1.</summary>
    public float AmaxFactor { get; init; } = 1;

    /// <summary>False gives the levels themselves instead of the values that they stand for. Default true.</summary>
    public bool Dequantizes { get; init; } = true;

    /// <summary>Looks at every input and range: an error where an unsigned quantizer meets a negative value, or where a value is NaN or infinite.
    /// It waits for the device, so training leaves it off. Default false.</summary>
    public bool Checked { get; init; }

    /// <summary>How calibration finds the range; all but Max collect a histogram, which has one range for the tensor. Default Max.</summary>
    public CalibrationMethod Calibration { get; init; } = CalibrationMethod.Max;

    /// <summary>For <see cref="CalibrationMethod.Percentile"/>: in percent, above 0 and at most 100. Default 99.99.</summary>
    public double Percentile { get; init; } = 99.99;

    /// <summary>The integers that values may become.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="Bits"/> is outside 2..16.</exception>
    public QuantizationLevels Levels => QuantizationLevels.Of(Bits, Signed, NarrowRange);

    /// <summary>Every reason why no quantizer can have these settings; empty where one can.</summary>
    public IEnumerable<string> Problems() => new (bool Fault, string Text)[]
    {
        (Bits is < 2 or > 16, $"Bits is {Bits}: it is 2 to 16."),
        (Amax is not (null or (>= 0 and <= float.MaxValue)), $"Amax is {Amax}: it is a finite absolute value, at least 0."),
        (AmaxFactor is not (> 0 and <= float.MaxValue), $"AmaxFactor is {AmaxFactor}: it is finite and above 0."),
        (Axes.Distinct().Count() != Axes.Length, $"Axes is [{string.Join(", ", Axes)}]: name each axis once."),
        (LearnAmax && Amax is null, "LearnAmax needs an Amax to start from."),
        (LearnAmax && Axes.Length > 0, $"LearnAmax has one range for the tensor, but Axes is [{string.Join(", ", Axes)}]: leave Axes empty."),
        (Calibration != CalibrationMethod.Max && Axes.Length > 0, $"{Calibration} reads a histogram of the whole tensor, but Axes is [{string.Join(", ", Axes)}]: calibrate by Max, or weights by WeightCalibrator."),
        (Percentile is not (> 0 and <= 100), $"Percentile is {Percentile}: it is above 0 and at most 100."),
    }.Where(rule => rule.Fault).Select(rule => rule.Text);
}
