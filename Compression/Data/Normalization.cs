using System.Collections.Immutable;
using System.Globalization;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Data;

/// <summary>
/// The preprocessing of a network: pixels from 0 to 1 become (x − mean) / std, channel by channel, in float32. An exported file takes what comes out of it.
/// </summary>
/// <param name="Mean">One number for all channels, or one for each, in pixels from 0 to 1.</param>
/// <param name="Std">As the mean; above 0.</param>
/// <remarks>The same numbers as torchvision.transforms.Normalize gives, bit for bit. A network trained on 0 to 255 has mean 0 and std 1/255.</remarks>
public sealed record Normalization(ImmutableArray<float> Mean, ImmutableArray<float> Std)
{
    /// <summary>The numbers of a spec.</summary>
    /// <param name="mean">Joined by commas.</param>
    /// <param name="std">Joined by commas.</param>
    /// <param name="shape">Of the images that it is for.</param>
    /// <exception cref="InvalidDataException">There are neither as many numbers as channels nor one, or a std is not above 0.</exception>
    public static Normalization Parse(string mean, string std, ImageShape shape)
    {
        ImmutableArray<float> Numbers(string key, string joined)
        {
            ImmutableArray<float> numbers = [.. joined.Split(',').Select(number => (float)double.Parse(number, CultureInfo.InvariantCulture))];
            return numbers.Length == 1 || numbers.Length == shape.Channels
                ? numbers
                : throw new InvalidDataException(
                    $"data.normalize.{key} has {numbers.Length} numbers, but the images are {shape}, of {shape.Channels} channels. Give one for each channel, or one for all.");
        }

        var parsed = new Normalization(Numbers("mean", mean), Numbers("std", std));
        return parsed.Std.All(number => number > 0 && float.IsFinite(number))
            ? parsed
            : throw new InvalidDataException($"data.normalize.std is {std}: pixels are divided by it, so each is above 0 in float32.");
    }

    /// <summary>True where pixels stay as they are.</summary>
    public bool ChangesNothing => Mean.All(number => number == 0) && Std.All(number => number == 1);

    /// <summary>Normalizes images in place.</summary>
    /// <param name="pixels">[N, C, H, W], row-major.</param>
    /// <param name="shape">Of one image.</param>
    public void Apply(Span<float> pixels, ImageShape shape)
    {
        var plane = shape.Height * shape.Width;
        for (var from = 0; from < pixels.Length; from += plane)
        {
            var channel = from / plane % shape.Channels;
            var (mean, std) = (Of(Mean, channel), Of(Std, channel));
            foreach (ref var pixel in pixels.Slice(from, plane))
                pixel = (pixel - mean) / std;
        }
    }

    private static float Of(ImmutableArray<float> numbers, int channel) => numbers[numbers.Length == 1 ? 0 : channel];
}
