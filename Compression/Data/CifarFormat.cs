using System.Collections.Immutable;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Data;

/// <summary>
/// The binary version of CIFAR-10 and CIFAR-100: records of label bytes and 3,072 pixel bytes, 32 rows of 32 red values, then green, then blue. CIFAR-10 has
/// one label byte, CIFAR-100 a coarse and a fine one, of which the fine one is the class.
/// </summary>
/// <remarks>Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.</remarks>
public sealed class CifarFormat(int classes) : DataFormat
{
    private static readonly ImageShape Shape = new(3, 32, 32);
    private readonly int labelBytes = classes == 100 ? 2 : 1;

    /// <inheritdoc/>
    public override string Name => $"cifar{classes}";

    /// <inheritdoc/>
    public override bool? BringsTest => true;

    /// <inheritdoc/>
    public override ImmutableArray<string> FileNames => classes == 100
        ? ["train.bin", "test.bin"]
        : ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"];

    /// <inheritdoc/>
    public override ImmutableArray<DataFile> Files(string path) => InFolder(path);

    /// <inheritdoc/>
    public override LabeledData Read(ImmutableArray<DataFile> files, ImageLayout layout) => new(Part(files[..^1]), Part(files[^1..]));

    private LabeledImages Part(ImmutableArray<DataFile> files)
    {
        var records = files.Select(Records).ToArray();
        var length = labelBytes + Shape.Count;
        var count = records.Sum(bytes => bytes.Length / length);
        if ((long)count * Shape.Count > Array.MaxLength)
            throw new InvalidDataException($"{files[0].Path}: {count} images with the files beside it, more than are read at once. Get the files again.");

        var (pixels, labels, image) = (new byte[count * Shape.Count], new int[count], 0);
        for (var i = 0; i < files.Length; i++)
        {
            for (var from = 0; from < records[i].Length; from += length, image++)
            {
                var record = records[i].AsSpan(from, length);
                labels[image] = record[labelBytes - 1];
                if (labels[image] >= classes)
                {
                    throw new InvalidDataException(
                        $"{files[i].Path}: label {from / length + 1} is {labels[image]}; with {classes} classes labels are 0 to {classes - 1}. Get the file again.");
                }

                record[labelBytes..].CopyTo(pixels.AsSpan(image * Shape.Count));
            }

            records[i] = [];
        }

        return new(Shape, classes, pixels, 255, labels);
    }

    private byte[] Records(DataFile file) => file.Read(content =>
    {
        var length = labelBytes + Shape.Count;
        var bytes = WholeRead.Of(content, Array.MaxLength);
        return bytes.Length > 0 && bytes.Length % length == 0 && WholeRead.Ended(content)
            ? bytes
            : throw new InvalidDataException($"{file.Path}: has {bytes.Length} bytes, which is no number of {Name} records of {length}. Get the file again.");
    });
}
