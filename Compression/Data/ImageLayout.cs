using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Data;

/// <summary>What is said of images whose files do not say it themselves.</summary>
/// <param name="Shape">Shape of one image; csv needs it, npz where its arrays can be read in two ways.</param>
/// <param name="Classes">Number of classes; null where every class from 0 on has to have an image.</param>
/// <param name="PixelMax">Pixel value that becomes 1, 1 to 255; 1 for decimals from 0 to 1. Used by csv.</param>
/// <param name="LabelFirst">True where the label stands before the pixels of a line. Used by csv.</param>
public sealed record ImageLayout(ImageShape? Shape = null, int? Classes = null, int PixelMax = 255, bool LabelFirst = false)
{
    /// <summary>Checks labels and counts the classes.</summary>
    /// <param name="label">Names the label of an image for the reader: "labels.gz: label 17".</param>
    /// <exception cref="InvalidDataException">A label is not below <see cref="Classes"/>; or, without it, a class has no image, or there is only one.</exception>
    internal int CountClasses(int[] labels, Func<int, string> label)
    {
        if (Classes is { } classes)
        {
            CheckBelow(labels, classes, label);
            return classes;
        }

        var largest = 0;
        for (var i = 1; i < labels.Length; i++)
            largest = labels[i] > labels[largest] ? i : largest;
        var seen = new HashSet<int>(labels);
        if (seen.Count < 2)
            throw new InvalidDataException($"{label(0)} is {labels[0]}, and so are all others; a classifier needs two classes or more.");
        if (seen.Count != labels[largest] + 1)
        {
            var missing = Enumerable.Range(0, labels[largest]).First(number => !seen.Contains(number));
            throw new InvalidDataException(
                $"{label(largest)} is {labels[largest]}, but no image has class {missing}. Without data.classes the labels count from 0 and leave none out: "
                + $"mend the labels, or give data.classes ({labels[largest] + 1} or more) where classes without images are meant.");
        }

        return seen.Count;
    }

    /// <summary>Checks that every label is below a number of classes.</summary>
    /// <exception cref="InvalidDataException">One is not.</exception>
    internal static void CheckBelow(int[] labels, int classes, Func<int, string> label)
    {
        var wrong = Array.FindIndex(labels, value => value < 0 || value >= classes);
        if (wrong >= 0)
        {
            throw new InvalidDataException(
                $"{label(wrong)} is {labels[wrong]}; with {classes} classes labels are 0 to {classes - 1}. Get the file again, or correct data.classes.");
        }
    }
}
