using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Data;

/// <summary>Which dimension of an array of images is which.</summary>
internal static class NpyImageShape
{
    /// <summary>More channels than these are taken for rows or columns.</summary>
    private const int MostChannels = 4;

    /// <summary>The shape of one image, and whether its channels are the array's last dimension.</summary>
    /// <param name="given">data.shape; null where the array's dimensions say it.</param>
    /// <exception cref="InvalidDataException">The array has another number of dimensions, or can be read in two ways or in none.</exception>
    public static (ImageShape Shape, bool ChannelsLast) Of(NpyArray array, ImageShape? given, string place)
    {
        var sizes = array.Shape;
        if (sizes.Length is not (3 or 4))
            throw new InvalidDataException($"{place}: its shape is {array.ShapeText}; images are [N, H, W], [N, C, H, W] or [N, H, W, C].");

        var first = sizes.Length == 3 ? new ImageShape(1, (int)sizes[1], (int)sizes[2]) : new((int)sizes[1], (int)sizes[2], (int)sizes[3]);
        var last = sizes.Length == 3 ? first : new ImageShape((int)sizes[3], (int)sizes[1], (int)sizes[2]);
        if (given is { } shape)
        {
            return shape == first ? (first, false)
                : shape == last ? (last, true)
                : throw new InvalidDataException($"{place}: its shape is {array.ShapeText}, which holds no images of data.shape {shape}. Correct data.shape.");
        }

        return sizes.Length == 3 || (first.Channels <= MostChannels && last.Channels > MostChannels) ? (first, false)
            : last.Channels <= MostChannels && first.Channels > MostChannels ? (last, true)
            : throw new InvalidDataException($"{place}: its shape is {array.ShapeText}; which dimension holds the channels? Give data.shape: {first} or {last}.");
    }

    /// <summary>Turns every image from [H, W, C] to [C, H, W], in place.</summary>
    public static void ChannelsFirst(byte[]? bytes, float[]? floats, ImageShape shape)
    {
        if (bytes is not null)
            Turn(bytes, shape);
        if (floats is not null)
            Turn(floats, shape);
    }

    private static void Turn<T>(T[] values, ImageShape shape)
    {
        var (image, area) = (new T[shape.Count], shape.Height * shape.Width);
        for (var from = 0; from < values.Length; from += shape.Count)
        {
            var pixels = values.AsSpan(from, shape.Count);
            pixels.CopyTo(image);
            for (var i = 0; i < pixels.Length; i++)
                pixels[i % shape.Channels * area + i / shape.Channels] = image[i];
        }
    }
}
