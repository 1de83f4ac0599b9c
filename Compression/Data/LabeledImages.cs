using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Data;

/// <summary>Images with their classes, in host memory.</summary>
/// <param name="Shape">Shape of one image.</param>
/// <param name="Classes">Number of classes; labels are below it.</param>
/// <param name="Pixels">[N, C, H, W] row-major, scaled to 0 … 1.</param>
/// <param name="Labels">[N].</param>
public sealed record LabeledImages(ImageShape Shape, int Classes, float[] Pixels, int[] Labels)
{
    /// <summary>Number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>The pixels of one image.</summary>
    public ReadOnlySpan<float> Image(int index) => Pixels.AsSpan(index * Shape.Count, Shape.Count);

    /// <summary>The images at those indexes, in that order.</summary>
    public LabeledImages At(IReadOnlyList<int> indexes)
    {
        var pixels = new float[indexes.Count * Shape.Count];
        var labels = new int[indexes.Count];
        for (var i = 0; i < indexes.Count; i++)
        {
            Image(indexes[i]).CopyTo(pixels.AsSpan(i * Shape.Count));
            labels[i] = Labels[indexes[i]];
        }

        return this with { Pixels = pixels, Labels = labels };
    }
}
