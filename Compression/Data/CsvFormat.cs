using System.Collections.Immutable;
using System.Globalization;

namespace SparseGrid.Compression.Data;

/// <summary>Images from CSV: one a line, its pixels [C, H, W] row-major, its label before or after them; perhaps a line of column names first. Plain or
/// gzipped.</summary>
public sealed class CsvFormat : DataFormat
{
    private const int CharactersOfValue = 32;

    /// <inheritdoc/>
    public override string Name => "csv";

    /// <inheritdoc/>
    public override bool? BringsTest => false;

    /// <inheritdoc/>
    public override ImmutableArray<DataFile> Files(string path) => OneFile(path);

    /// <inheritdoc/>
    public override LabeledData Read(ImmutableArray<DataFile> files, ImageLayout layout)
    {
        var path = files[0].Path;
        var shape = layout.Shape ?? throw new InvalidDataException($"{path}: data.shape is missing; csv needs it, such as 1x28x28.");
        var values = 1L * shape.Channels * shape.Height * shape.Width;
        if (values > 1 << 24)
            throw new InvalidDataException($"{path}: data.shape is {shape}, {values} pixels an image; csv is read up to {1 << 24}. Correct data.shape.");

        var lines = new ImageLines(path, layout, (int)values);
        CsvLines.Read(files[0], (int)(values + 1) * CharactersOfValue, lines.Add);
        if (lines.Labels.Count == 0)
            throw new InvalidDataException($"{path}: the file holds no image; each line is {values} pixels and a label.");

        int[] labels = [.. lines.Labels];
        var classes = layout.CountClasses(labels, index => $"{path}:{lines.Numbers[index]}: the label");
        var images = lines.Decimals is { } decimals
            ? new LabeledImages(shape, classes, [.. decimals], labels)
            : new(shape, classes, [.. lines.Bytes], layout.PixelMax, labels);
        return new(images, null);
    }

    /// <summary>The lines so far.</summary>
    private sealed class ImageLines(string path, ImageLayout layout, int pixels)
    {
        public List<byte> Bytes { get; } = [];

        public List<float>? Decimals { get; } = layout.PixelMax == 1 ? [] : null;

        public List<int> Labels { get; } = [];

        /// <summary>Line of each image.</summary>
        public List<int> Numbers { get; } = [];

        public void Add(ReadOnlySpan<char> text, int line)
        {
            if (line == 1 && IsNames(text))
                return;

            var at = 0;
            foreach (var range in text.Split(','))
            {
                var field = text[range].Trim().Trim('"');
                if (at > pixels)
                {
                    throw new InvalidDataException(
                        $"{path}:{line}: more than {pixels + 1} values; a line is {pixels} pixels and the label. Correct the line, or data.shape.");
                }

                if (at++ == (layout.LabelFirst ? 0 : pixels))
                    Label(field, line);
                else
                    Pixel(field, line, at);
            }

            if (at <= pixels)
            {
                throw new InvalidDataException(
                    $"{path}:{line}: {at} values; a line is {pixels} pixels and the label. The file may be cut off here, or data.shape be another.");
            }

            Numbers.Add(line);
        }

        // One number makes it an image: a damaged value of the first image is to be named, not taken for a name.
        private static bool IsNames(ReadOnlySpan<char> text)
        {
            foreach (var range in text.Split(','))
            {
                if (double.TryParse(text[range].Trim().Trim('"'), CultureInfo.InvariantCulture, out _))
                    return false;
            }

            return true;
        }

        private void Label(ReadOnlySpan<char> field, int line)
        {
            if (!int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var label) || label > ushort.MaxValue)
            {
                throw new InvalidDataException(
                    $"{path}:{line}: the label, its {(layout.LabelFirst ? "first" : "last")} value, is '{CsvLines.Shown(field)}'; it is a whole number 0 to {ushort.MaxValue}. Correct it, or data.label.");
            }

            Labels.Add(label);
        }

        private void Pixel(ReadOnlySpan<char> field, int line, int number)
        {
            if (Decimals is not null)
            {
                if (!float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !(value >= 0 && value <= 1))
                    throw Wrong("with pixel_max 1 a pixel is a number 0 to 1", field, line, number);
                Decimals.Add(value);
            }
            else
            {
                if (!byte.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > layout.PixelMax)
                    throw Wrong($"a pixel is a whole number 0 to {layout.PixelMax}", field, line, number);
                Bytes.Add(value);
            }
        }

        private InvalidDataException Wrong(string rule, ReadOnlySpan<char> field, int line, int number) =>
            new($"{path}:{line}: value {number} is '{CsvLines.Shown(field)}'; {rule}. Correct it, or data.pixel_max.");
    }
}
