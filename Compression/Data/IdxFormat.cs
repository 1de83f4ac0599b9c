using System.Collections.Immutable;

namespace SparseGrid.Compression.Data;

/// <summary>MNIST's four files in a folder: images and labels for training (train-…) and for the test (t10k-…), plain or gzipped.</summary>
public sealed class IdxFormat : DataFormat
{
    /// <inheritdoc/>
    public override string Name => "idx";

    /// <inheritdoc/>
    public override bool? BringsTest => true;

    /// <inheritdoc/>
    public override ImmutableArray<string> FileNames => ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

    /// <inheritdoc/>
    public override ImmutableArray<DataFile> Files(string path) => InFolder(path);

    /// <inheritdoc/>
    public override LabeledData Read(ImmutableArray<DataFile> files, ImageLayout layout)
    {
        var train = Part(files[0], files[1]);
        var test = Part(files[2], files[3]);
        if (test.Shape != train.Shape)
        {
            throw new InvalidDataException(
                $"{files[2].Path}: its images are {test.Shape}, those of {files[0].Path} are {train.Shape}. These are files of two data sets; get the right ones.");
        }

        var classes = layout.CountClasses(train.Labels, Label(files[1]));
        ImageLayout.CheckBelow(test.Labels, classes, Label(files[3]));
        return new(new(train.Shape, classes, train.Pixels, 255, train.Labels), new(test.Shape, classes, test.Pixels, 255, test.Labels));
    }

    // Unpacking programs write a dot for the last dash but one.
    private protected override string[] Candidates(string name) => [.. base.Candidates(name), .. base.Candidates(name.Replace("-idx", ".idx"))];

    private static (byte[] Pixels, Graph.ImageShape Shape, int[] Labels) Part(DataFile imageFile, DataFile labelFile)
    {
        var (pixels, shape) = IdxFile.Images(imageFile);
        var labels = IdxFile.Labels(labelFile);
        var count = pixels.Length / shape.Count;
        return labels.Length == count
            ? (pixels, shape, labels)
            : throw new InvalidDataException($"{labelFile.Path}: has {labels.Length} labels, but {imageFile.Path} has {count} images. Get both files again.");
    }

    private static Func<int, string> Label(DataFile file) => index => $"{file.Path}: label {index + 1}";
}
