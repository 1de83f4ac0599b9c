using System.Collections.Immutable;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Quantization.Calibrators;

/// <summary>Chooses the ranges of a weight.</summary>
public static class WeightCalibrator
{
    /// <summary>amax of each output channel: its largest |w|, in weight units; 0 for a channel of zeros.</summary>
    /// <param name="weight">Float32 [K, …].</param>
    /// <exception cref="ArgumentException">The array has no axis, or a weight is NaN or infinite.</exception>
    /// <exception cref="InvalidOperationException">The array is not float32.</exception>
    public static ImmutableArray<float> ChannelAmax(HostArray weight) => Amax(weight, new(), QuantizationLevels.NarrowInt8);

    /// <summary>amax of each output channel, or of the whole weight, in weight units; 0 where all weights are 0.</summary>
    /// <param name="weight">Float32 with at least one axis.</param>
    /// <param name="levels">The levels that weights will have; Mse needs the largest.</param>
    /// <returns>[K], or [1] for the whole weight.</returns>
    /// <exception cref="ArgumentException">The array has no such axis, a weight is NaN or infinite, or the method is none for weights.</exception>
    /// <exception cref="InvalidOperationException">The array is not float32.</exception>
    /// <remarks>pytorch-quantization's calibrate_weights. Its percentile is the left edge of a bin, here the right one in the first bin, as for activations.</remarks>
    public static ImmutableArray<float> Amax(HostArray weight, WeightRange range, QuantizationLevels levels)
    {
        var whole = range.Granularity == WeightGranularity.Tensor;
        if (weight.Shape.IsEmpty || (!whole && (range.Axis < 0 || range.Axis >= weight.Shape.Length)))
            throw new ArgumentException($"The weight has shape [{string.Join(", ", weight.Shape)}]: it has no axis {range.Axis} of output channels.", nameof(weight));
        if (range.Method == CalibrationMethod.Entropy)
            throw new ArgumentException("Entropy is a method for activations; weights take Max, Percentile or Mse.", nameof(range));

        var values = weight.Floats;
        var channels = whole ? 1 : (int)weight.Shape[range.Axis];
        var run = whole ? values.Length : (int)weight.Shape.Skip(range.Axis + 1).Aggregate(1L, (product, size) => product * size);
        var channel = new float[channels == 0 ? 0 : values.Length / channels];
        var amax = ImmutableArray.CreateBuilder<float>(channels);
        for (var k = 0; k < channels; k++)
        {
            // Its runs lie a block of all channels apart.
            for (int from = k * run, to = 0; from < values.Length; from += channels * run, to += run)
                values.Slice(from, run).CopyTo(channel.AsSpan(to));
            amax.Add(Of(channel, range, levels, whole ? "The weight" : $"Output channel {k} of the weight", weight));
        }

        return amax.MoveToImmutable();
    }

    private static float Of(ReadOnlySpan<float> values, WeightRange range, QuantizationLevels levels, string what, HostArray weight)
    {
        var largest = 0f;
        foreach (var value in values)
            largest = MathF.Max(largest, MathF.Abs(value));               // NaN stays
        if (!float.IsFinite(largest))
        {
            throw new ArgumentException(
                $"{what} [{string.Join(", ", weight.Shape)}] holds NaN or infinity. Training has diverged; quantize an earlier checkpoint.", nameof(weight));
        }

        if (range.Method == CalibrationMethod.Max || largest == 0)
            return largest;
        var histogram = new ActivationHistogram(range.Bins);
        histogram.Collect(values, what);
        return ActivationCalibrator.Amax(histogram, new(range.Method, range.Percentile), levels);
    }
}
