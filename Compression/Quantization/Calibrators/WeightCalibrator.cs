using System.Collections.Immutable;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Quantization.Calibrators;

/// <summary>Chooses the range of a weight for each output channel.</summary>
public static class WeightCalibrator
{
    /// <summary>amax of each output channel: its largest |w|, in weight units; 0 for a channel of zeros.</summary>
    /// <param name="weight">Float32 [K, …].</param>
    /// <exception cref="ArgumentException">The array has no axis, or a weight is NaN or infinite.</exception>
    /// <exception cref="InvalidOperationException">The array is not float32.</exception>
    public static ImmutableArray<float> ChannelAmax(HostArray weight)
    {
        if (weight.Shape.IsEmpty)
            throw new ArgumentException("The weight is a single number: a range per output channel needs the shape [K, …].", nameof(weight));

        var values = weight.Floats;
        var channels = (int)weight.Shape[0];
        var size = channels == 0 ? 0 : values.Length / channels;
        var amax = ImmutableArray.CreateBuilder<float>(channels);
        for (var k = 0; k < channels; k++)
        {
            var largest = 0f;
            foreach (var value in values.Slice(k * size, size))
                largest = MathF.Max(largest, MathF.Abs(value));           // NaN stays
            if (!float.IsFinite(largest))
            {
                throw new ArgumentException(
                    $"Output channel {k} of the weight [{string.Join(", ", weight.Shape)}] holds NaN or infinity. Training has diverged; "
                    + "quantize an earlier checkpoint.", nameof(weight));
            }

            amax.Add(largest);
        }

        return amax.MoveToImmutable();
    }
}
