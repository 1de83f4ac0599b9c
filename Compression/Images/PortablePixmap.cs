using System.Globalization;
using System.Text;

namespace SparseGrid.Compression.Images;

/// <summary>PGM and PPM pictures, as text (P2, P3) or bytes (P5, P6): a magic number, width, height and the largest sample, then the samples.</summary>
/// <remarks>Netpbm's pgm(5) and ppm(5). Samples of up to 65535 are scaled to 8 bits.</remarks>
internal static class PortablePixmap
{
    /// <exception cref="InvalidDataException">The file breaks the format; names it and the rule.</exception>
    public static Picture Read(ReadOnlySpan<byte> file, string source)
    {
        var kind = file[1] - '0';
        if (kind == 4)
            throw new InvalidDataException($"{source}: is a bitmap of one bit a pixel (P4). Convert it to PGM or PNG.");
        var channels = kind is 2 or 5 ? 1 : 3;
        var at = 2;
        var width = Number(file, ref at, source, "width");
        var height = Number(file, ref at, source, "height");
        var largest = Number(file, ref at, source, "largest sample");
        PictureFile.RequireSize(width, height, source);
        if (width < 1 || height < 1 || largest is < 1 or > 65535)
            throw new InvalidDataException($"{source}: its header says {width}x{height} pixels with samples up to {largest}; sizes are at least 1, samples 1 to 65535.");

        var samples = new byte[width * height * channels];
        if (kind is 2 or 3)
        {
            for (var i = 0; i < samples.Length; i++)
                samples[i] = Scaled(Number(file, ref at, source, $"sample {i + 1}"), largest, source);
            return new(samples, channels, height, width);
        }

        at++; // One character of white space stands before the bytes.
        var bytes = largest > 255 ? 2 : 1;
        if (file.Length - at < samples.Length * bytes)
            throw new InvalidDataException($"{source}: holds {Math.Max(0, file.Length - at)} bytes of samples, and {width}x{height} pixels take {samples.Length * bytes}; it was cut short.");
        for (var i = 0; i < samples.Length; i++)
            samples[i] = Scaled(bytes == 1 ? file[at + i] : file[at + 2 * i] << 8 | file[at + 2 * i + 1], largest, source);
        return new(samples, channels, height, width);
    }

    private static byte Scaled(int sample, int largest, string source) => sample <= largest
        ? (byte)((sample * 255 + largest / 2) / largest)
        : throw new InvalidDataException($"{source}: has a sample of {sample}, and its header says at most {largest}.");

    // A number after white space and comments, which run from # to the line's end.
    private static int Number(ReadOnlySpan<byte> file, ref int at, string source, string what)
    {
        while (at < file.Length && (char.IsWhiteSpace((char)file[at]) || file[at] == '#'))
        {
            if (file[at] == '#')
            {
                while (at < file.Length && file[at] != '\n')
                    at++;
            }
            else
            {
                at++;
            }
        }

        var start = at;
        while (at < file.Length && char.IsAsciiDigit((char)file[at]))
            at++;
        return int.TryParse(Encoding.ASCII.GetString(file[start..at]), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException($"{source}: has no whole number for its {what}; it is damaged or cut short.");
    }
}
