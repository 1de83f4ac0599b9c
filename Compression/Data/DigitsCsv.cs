using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Data;

/// <summary>Reads images from CSV: one a line, 64 whole numbers 0 to 16 (8 rows of 8, row-major), then the label 0 to 9. Plain or gzipped.</summary>
/// <remarks>The layout of scikit-learn's copy of the UCI Optical Recognition of Handwritten Digits data (Alpaydin and Kaynak, 1998).</remarks>
public static class DigitsCsv
{
    private const int PixelCount = 64;
    private const int MaxPixel = 16;
    private const int Classes = 10;
    private const int LongestLine = 4096;

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="InvalidDataException">The file is missing, truncated or not of this form; the message names the file, the line and the
    /// rule.</exception>
    public static LabeledImages Read(string path)
    {
        var pixels = new List<byte>();
        var labels = new List<int>();
        CsvLines.Read(new(string.Empty, path), LongestLine, (text, line) => Parse(text, path, line, pixels, labels));
        if (labels.Count == 0)
            throw new InvalidDataException($"{path}: the file holds no image; each line is 64 values 0 to {MaxPixel} and a label 0 to {Classes - 1}.");
        return new(new ImageShape(1, 8, 8), Classes, [.. pixels], MaxPixel, [.. labels]);
    }

    private static void Parse(ReadOnlySpan<char> text, string path, int line, List<byte> pixels, List<int> labels)
    {
        var count = 0;
        foreach (var range in text.Split(','))
        {
            var field = text[range].Trim();
            var largest = count < PixelCount ? MaxPixel : Classes - 1;
            if (count > PixelCount || !int.TryParse(field, out var value) || value < 0 || value > largest)
            {
                throw new InvalidDataException(count > PixelCount
                    ? $"{path}:{line}: more than {PixelCount + 1} values; a line is {PixelCount} pixels and the label. Correct the line, or get the file again."
                    : $"{path}:{line}: value {count + 1} is '{CsvLines.Shown(field)}'; {(count < PixelCount ? "a pixel" : "the label")} is a whole number 0 to {largest}. "
                        + "Correct it, or get the file again.");
            }

            if (count++ < PixelCount)
                pixels.Add((byte)value);
            else
                labels.Add(value);
        }

        if (count != PixelCount + 1)
            throw new InvalidDataException($"{path}:{line}: {count} values; a line is {PixelCount} pixels and the label. The file may be cut off here.");
    }
}
