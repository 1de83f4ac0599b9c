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
        (floats, bytes, values) = (whole.floats, whole.bytes, whole.values);
        this.places = whole.places is null ? places : Array.ConvertAll(places, place => whole.places[place]);
    }

    /// <summary>Shape of one image.</summary>
    public ImageShape Shape { get; }

    /// <summary>Number of classes; labels are below it.</summary>
    public int Classes { get; }

    /// <summary>Class of each image, [N].</summary>
    public int[] Labels { get; }

    /// <summary>Number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>Writes the pixels of one image, [C, H, W] scaled to 0 … 1.</summary>
    /// <param name="into">As long as an image.</param>
    public void CopyTo(int index, Span<float> into)
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

    /// <summary>The pixels of consecutive images, [count, C, H, W] scaled to 0 … 1, in an array of their own.</summary>
    public float[] Pixels(int from, int count)
    {
        var pixels = new float[count * Shape.Count];
        for (var i = 0; i < count; i++)
            CopyTo(from + i, pixels.AsSpan(i * Shape.Count, Shape.Count));
        return pixels;
    }

    /// <summary>The images at those indexes, in that order; the pixels are shared.</summary>
    public LabeledImages At(IReadOnlyList<int> indexes) => new(this, [.. indexes]);
}
