namespace SparseGrid.Compression.Images;

/// <summary>Bilinear resizing with a filter as wide as the pixels that become one, so that nothing is skipped.</summary>
/// <remarks>
/// The numbers are those of Pillow's Image.resize with BILINEAR, which torchvision's Resize uses: first along rows, then along columns, in fixed point with 22 bits behind
/// the point, each pass rounded to 8 bits.
/// </remarks>
public static class PictureResizing
{
    private const int Precision = 22;

    /// <summary>The picture in another size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public static Picture Resize(Picture picture, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        var wide = picture.Width == width ? picture : Across(picture, width);
        return wide.Height == height ? wide : Down(wide, height);
    }

    private static Picture Across(Picture picture, int width)
    {
        var (channels, from) = (picture.Channels, picture.Samples);
        var to = new byte[picture.Height * width * channels];
        var taps = Taps(picture.Width, width);
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (first, weights) = taps[x];
                for (var channel = 0; channel < channels; channel++)
                {
                    var sum = 1 << (Precision - 1);
                    for (var i = 0; i < weights.Length; i++)
                        sum += from[(y * picture.Width + first + i) * channels + channel] * weights[i];
                    to[(y * width + x) * channels + channel] = Rounded(sum);
                }
            }
        }

        return new(to, channels, picture.Height, width);
    }

    private static Picture Down(Picture picture, int height)
    {
        var (row, from) = (picture.Width * picture.Channels, picture.Samples);
        var to = new byte[height * row];
        var taps = Taps(picture.Height, height);
        for (var y = 0; y < height; y++)
        {
            var (first, weights) = taps[y];
            for (var x = 0; x < row; x++)
            {
                var sum = 1 << (Precision - 1);
                for (var i = 0; i < weights.Length; i++)
                    sum += from[(first + i) * row + x] * weights[i];
                to[y * row + x] = Rounded(sum);
            }
        }

        return new(to, picture.Channels, height, picture.Width);
    }

    private static byte Rounded(int sum) => (byte)Math.Clamp(sum >> Precision, 0, 255);

    // For each new pixel the first old one that counts, and the weights of it and those after it: a triangle around the new pixel's centre, weights summing to 1.
    private static (int First, int[] Weights)[] Taps(int from, int to)
    {
        var scale = (double)from / to;
        var reach = Math.Max(scale, 1);
        var taps = new (int, int[])[to];
        for (var place = 0; place < to; place++)
        {
            var centre = (place + 0.5) * scale;
            var first = Math.Max(0, (int)(centre - reach + 0.5));
            var weights = new double[Math.Min(from, (int)(centre + reach + 0.5)) - first];
            var sum = 0.0;
            for (var i = 0; i < weights.Length; i++)
                sum += weights[i] = Math.Max(0, 1 - Math.Abs((i + first - centre + 0.5) * (1 / reach)));
            taps[place] = (first, Array.ConvertAll(weights, weight => (int)Math.Floor(0.5 + weight / sum * (1 << Precision))));
        }

        return taps;
    }
}
