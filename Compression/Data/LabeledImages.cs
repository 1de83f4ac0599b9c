using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Data;

/// <summary>Images with their classes, in host memory. Parts of a set share its pixels, and pixels of 8 bits are kept as bytes until they are asked
/// for.</summary>
public sealed class LabeledImages
{
    private readonly float[] floats = [];
    private readonly byte[] bytes = [];
    private readonly float[] values = [];
    private readonly int[]? places;

    /// <summary>Images of floats.</summary>
    /// <param name="shape">Shape of one image.</param>
    /// <param name="classes">Number of classes; labels are below it.</param>
    /// <param name="pixels">[N, C, H, W] row-major, 0 … 1.</param>
    /// <param name="labels">[N].</param>
    public LabeledImages(ImageShape shape, int classes, float[] pixels, int[] labels)
        : this(shape, classes, labels) => floats = pixels;

    /// <summary>Images of bytes.</summary>
    /// <param name="shape">Shape of one image.</param>
    /// <param name="classes">Number of classes; labels are below it.</param>
    /// <param name="pixels">[N, C, H, W] row-major.</param>
    /// <param name="largest">Pixel value that stands for 1.</param>
    /// <param name="labels">[N].</param>
    public LabeledImages(ImageShape shape, int classes, byte[] pixels, int largest, int[] labels)
        : this(shape, classes, labels)
    {
        bytes = pixels;
        values = [.. Enumerable.Range(0, 256).Select(value => value / (float)largest)];
    }

    private LabeledImages(ImageShape shape, int classes, int[] labels) => (Shape, Classes, Labels) = (shape, classes, labels);

    private LabeledImages(LabeledImages whole, int[] places)
        : this(whole.Shape, whole.Classes, Array.ConvertAll(places, place => whole.Labels[place]))
    {
        (floats, bytes, values, Normalization) = (whole.floats, whole.bytes, whole.values, whole.Normalization);
        this.places = whole.places is null ? places : Array.ConvertAll(places, place => whole.places[place]);
    }

    private LabeledImages(LabeledImages plain, Normalization normalization)
        : this(plain.Shape, plain.Classes, plain.Labels)
    {
        (floats, bytes, values, places) = (plain.floats, plain.bytes, plain.values, plain.places);
        Normalization = normalization;
    }

    /// <summary>Shape of one image.</summary>
    public ImageShape Shape { get; }

    /// <summary>Number of classes; labels are below it.</summary>
    public int Classes { get; }

    /// <summary>Class of each image, [N].</summary>
    public int[] Labels { get; }

    /// <summary>Number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>What is done to pixels before a network sees them; null where nothing is.</summary>
    public Normalization? Normalization { get; }

    /// <summary>Writes one image as a network sees it: its pixels [C, H, W], scaled to 0 … 1 and then normalized.</summary>
    /// <param name="into">As long as an image.</param>
    public void CopyTo(int index, Span<float> into)
    {
        CopyPixelsTo(index, into);
        Normalization?.Apply(into[..Shape.Count], Shape);
    }

    /// <summary>Writes the pixels of one image as they are to look at, [C, H, W] scaled to 0 … 1.</summary>
    /// <param name="into">As long as an image.</param>
    public void CopyPixelsTo(int index, Span<float> into)
    {
        var length = Shape.Count;
        var from = (places is null ? index : places[index]) * (long)length;
        if (bytes.Length == 0)
        {
            floats.AsSpan((int)from, length).CopyTo(into);
            return;
        }

        var pixels = bytes.AsSpan((int)from, length);
        for (var i = 0; i < pixels.Length; i++)
            into[i] = values[pixels[i]];
    }

    /// <summary>Consecutive images as a network sees them, [count, C, H, W], in an array of their own.</summary>
    public float[] Pixels(int from, int count)
    {
        var pixels = new float[count * Shape.Count];
        for (var i = 0; i < count; i++)
            CopyTo(from + i, pixels.AsSpan(i * Shape.Count, Shape.Count));
        return pixels;
    }

    /// <summary>The images at those indexes, in that order; the pixels are shared.</summary>
    public LabeledImages At(IReadOnlyList<int> indexes) => new(this, [.. indexes]);

    /// <summary>The same images for a network that takes them so; the pixels are shared.</summary>
    public LabeledImages With(Normalization normalization) => new(this, normalization);
}
