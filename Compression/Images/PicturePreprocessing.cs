using System.Collections.Immutable;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Images;

/// <summary>What is done to a picture before a network takes it: the shorter side is resized, the middle cut out, and pixels from 0 to 1 are normalized.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Margin">Side after resizing over side after cutting: 256 / 224 for imagenet, 1 keeps all of the shorter side.</param>
/// <param name="Normalization">What is done to pixels from 0 to 1.</param>
public sealed record PicturePreprocessing(string Name, double Margin, Normalization Normalization)
{
    /// <summary>As torchvision's classifiers were trained: side 256 cut to 224 (other sizes in proportion), then minus (0.485, 0.456, 0.406), over (0.229, 0.224, 0.225).</summary>
    public static PicturePreprocessing ImageNet { get; } = new("imagenet", 256.0 / 224, new([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]));

    /// <summary>Pixels from 0 to 1.</summary>
    public static PicturePreprocessing Unit { get; } = new("unit", 1, new([0], [1]));

    /// <summary>Pixels from −1 to 1.</summary>
    public static PicturePreprocessing Signed { get; } = new("signed", 1, new([0.5f], [0.5f]));

    /// <summary>Pixels from 0 to 255.</summary>
    public static PicturePreprocessing Bytes { get; } = new("bytes", 1, new([0], [1 / 255f]));

    /// <summary>Every preset.</summary>
    public static ImmutableArray<PicturePreprocessing> All { get; } = [ImageNet, Unit, Signed, Bytes];

    /// <summary>The preset of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static PicturePreprocessing Named(string name) =>
        All.FirstOrDefault(preset => preset.Name == name)
        ?? throw new ArgumentException($"preprocessing '{name}' is unknown; known are {string.Join(", ", All.Select(preset => preset.Name))}.", nameof(name));

    /// <summary>The preset that a network of that input most likely wants: imagenet for three channels, unit otherwise.</summary>
    public static PicturePreprocessing Usual(ImageShape input) => input.Channels == 3 ? ImageNet : Unit;

    /// <summary>Writes a picture as the network's pixels before normalization.</summary>
    /// <param name="into">[C, H, W], 0 to 255.</param>
    public void Fit(Picture picture, ImageShape input, Span<byte> into)
    {
        var (tall, wide) = ((int)Math.Round(input.Height * Margin), (int)Math.Round(input.Width * Margin));
        var byHeight = (long)tall * picture.Width >= (long)wide * picture.Height;        // the height decides
        var (height, width) = byHeight
            ? (tall, (int)((long)tall * picture.Width / picture.Height))
            : ((int)((long)wide * picture.Height / picture.Width), wide);
        var sized = PictureResizing.Resize(picture, Math.Max(height, input.Height), Math.Max(width, input.Width));
        var (top, left) = ((int)Math.Round((sized.Height - input.Height) / 2.0), (int)Math.Round((sized.Width - input.Width) / 2.0));
        for (var channel = 0; channel < input.Channels; channel++)
        {
            for (var y = 0; y < input.Height; y++)
            {
                for (var x = 0; x < input.Width; x++)
                    into[(channel * input.Height + y) * input.Width + x] = sized.Samples[((y + top) * sized.Width + x + left) * input.Channels + channel];
            }
        }
    }
}
