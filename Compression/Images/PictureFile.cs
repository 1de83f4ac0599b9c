using System.Collections.Immutable;
using StbImageSharp;

namespace SparseGrid.Compression.Images;

/// <summary>Reads pictures: PNG, JPEG and BMP by StbImageSharp, PGM and PPM here.</summary>
public static class PictureFile
{
    /// <summary>Pixels of a picture at most: what is larger is no input of a classifier, and a damaged header may ask for any amount of memory.</summary>
    public const long MostPixels = 100_000_000;

    /// <summary>Names of picture files end so, in any case.</summary>
    public static ImmutableArray<string> Extensions { get; } = [".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".ppm"];

    /// <summary>True for a name that ends as a picture's does.</summary>
    public static bool IsNamed(string path) => Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    /// <summary>The picture of a file. Samples of 16 bits become 8, transparency is left out, and a rotation noted by a camera is not applied.</summary>
    /// <param name="channels">1 for grey, by luminance; 3 for red, green and blue.</param>
    /// <exception cref="InvalidDataException">The file is damaged, too large, or of another format; names it.</exception>
    public static Picture Read(string path, int channels) => Read(File.ReadAllBytes(path), path, channels);

    /// <inheritdoc cref="Read(string, int)"/>
    /// <param name="file">The file's bytes.</param>
    /// <param name="source">What they are, for messages.</param>
    public static Picture Read(byte[] file, string source, int channels)
    {
        if (channels is not (1 or 3))
            throw new ArgumentException($"channels is {channels}: pictures have 1 (grey) or 3 (red, green, blue).", nameof(channels));
        if (file is [(byte)'P', >= (byte)'2' and <= (byte)'6', ..])
            return PortablePixmap.Read(file, source).In(channels);

        try
        {
            using var stream = new FilledStream(file);
            if (ImageInfo.FromStream(stream) is not { Width: > 0, Height: > 0 } size)
                throw new InvalidDataException($"{source}: is no PNG, JPEG, BMP, PGM or PPM picture, or is damaged. Convert it, or take it out of the folder.");
            RequireSize(size.Width, size.Height, source);
            stream.Position = 0;
            var image = ImageResult.FromStream(stream, ColorComponents.RedGreenBlue);
            return new Picture(image.Data, 3, image.Height, image.Width).In(channels);
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArithmeticException or IndexOutOfRangeException or ArgumentException or NullReferenceException or EndOfStreamException or OutOfMemoryException)
        {
            // What the decoder throws at damaged bytes.
            throw new InvalidDataException($"{source}: cannot be decoded ({fault.Message.TrimEnd('.')}). Replace it, or take it out of the folder.", fault);
        }
    }

    internal static void RequireSize(long width, long height, string source)
    {
        if (width * height > MostPixels)
            throw new InvalidDataException($"{source}: has {width}x{height} pixels; at most {MostPixels} are read. Make it smaller.");
    }

    // Luminance of ITU-R BT.601 in integers, rounded as Pillow does: (19595 R + 38470 G + 7471 B + 2^15) / 2^16.
    private static Picture In(this Picture picture, int channels)
    {
        if (picture.Channels == channels)
            return picture;
        var (from, pixels) = (picture.Samples, picture.Height * picture.Width);
        var to = new byte[pixels * channels];
        for (var i = 0; i < pixels; i++)
        {
            if (channels == 1)
                to[i] = (byte)((19595 * from[3 * i] + 38470 * from[3 * i + 1] + 7471 * from[3 * i + 2] + 0x8000) >> 16);
            else
                (to[3 * i], to[3 * i + 1], to[3 * i + 2]) = (from[i], from[i], from[i]);
        }

        return new(to, channels, picture.Height, picture.Width);
    }
}
