namespace SparseGrid.Console.Reports.Html;

/// <summary>A picture as the address of an image within the page, no larger than a page needs.</summary>
internal static class Thumbnail
{
    private const int Side = 64;

    /// <summary>data:image/png;base64,… A picture of more than 64 pixels a side is averaged down by a whole factor.</summary>
    /// <param name="pixels">[C, H, W] row-major.</param>
    public static string Address(ReadOnlySpan<byte> pixels, int channels, int height, int width)
    {
        var factor = (Math.Max(height, width) + Side - 1) / Side;
        var png = factor <= 1
            ? PngImage.Write(pixels, channels, height, width)
            : PngImage.Write(Averaged(pixels, channels, height, width, factor), channels, height / factor, width / factor);
        return "data:image/png;base64," + Convert.ToBase64String(png);
    }

    private static byte[] Averaged(ReadOnlySpan<byte> pixels, int channels, int height, int width, int factor)
    {
        var (rows, columns) = (height / factor, width / factor);
        var small = new byte[channels * rows * columns];
        for (var at = 0; at < small.Length; at++)
        {
            var (channel, y, x) = (at / (rows * columns), at / columns % rows * factor, at % columns * factor);
            var sum = 0;
            for (var dy = 0; dy < factor; dy++)
                for (var dx = 0; dx < factor; dx++)
                    sum += pixels[(channel * height + y + dy) * width + x + dx];
            small[at] = (byte)((sum + factor * factor / 2) / (factor * factor));
        }

        return small;
    }
}
