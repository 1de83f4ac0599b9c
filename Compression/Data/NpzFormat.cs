using System.Collections.Immutable;
using System.IO.Compression;

namespace SparseGrid.Compression.Data;

/// <summary>
/// A NumPy archive (numpy.savez, stored or deflated) with images and labels, and perhaps test images and labels. Images are [N, H, W], [N, C, H, W] or
/// [N, H, W, C], of uint8, or of float32 or float64 from 0 to 1; labels are whole numbers [N] or [N, 1].
/// </summary>
public sealed class NpzFormat : DataFormat
{
    private static readonly string[] ImageNames = ["x", "images", "x_train", "train_images"];
    private static readonly string[] LabelNames = ["y", "labels", "y_train", "train_labels"];
    private static readonly string[] TestImageNames = ["x_test", "test_images"];
    private static readonly string[] TestLabelNames = ["y_test", "test_labels"];

    /// <inheritdoc/>
    public override string Name => "npz";

    /// <inheritdoc/>
    public override bool? BringsTest => null;

    /// <inheritdoc/>
    public override ImmutableArray<DataFile> Files(string path) => OneFile(path);

    /// <inheritdoc/>
    public override LabeledData Read(ImmutableArray<DataFile> files, ImageLayout layout) => files[0].Read(content =>
    {
        var path = files[0].Path;
        if (!content.CanSeek)
            throw new InvalidDataException($"{path}: is gzipped; unpack it, an .npz archive is packed in itself.");

        try
        {
            using var archive = new ZipArchive(content, ZipArchiveMode.Read);
            return Read(archive, path, layout);
        }
        catch (Exception e) when (e is InvalidDataException { Source: GzippedFile.BrokenGzip } or EndOfStreamException or NotSupportedException or ArgumentException)
        {
            // What the runtime throws where directory, headers or packed data are damaged.
            throw new InvalidDataException($"{path}: is no whole .npz archive: {e.Message} Get the file again, or save it with numpy.savez.", e);
        }
    });

    private static LabeledData Read(ZipArchive archive, string path, ImageLayout layout)
    {
        var arrays = archive.Entries.Where(entry => entry.FullName.EndsWith(".npy", StringComparison.Ordinal)).ToLookup(entry => entry.FullName[..^4]);
        ZipArchiveEntry? One(string[] names)
        {
            var found = names.SelectMany(name => arrays[name]).ToArray();
            return found.Length < 2 ? found.FirstOrDefault()
                : throw new InvalidDataException($"{path}: has both {found[0].FullName[..^4]} and {found[1].FullName[..^4]}; keep one of them.");
        }

        ZipArchiveEntry Needed(string[] names) => One(names) ?? throw new InvalidDataException(
            $"{path}: has no array {string.Join(" or ", names)}; it has {(arrays.Count == 0 ? "none" : string.Join(", ", arrays.Take(8).Select(array => CsvLines.Shown(array.Key))))}. "
            + "Save it under one of these names.");

        var images = Part(path, Needed(ImageNames), Needed(LabelNames), layout, null);
        if (One(TestImageNames) is null && One(TestLabelNames) is null)
            return new(images, null);

        var test = Part(path, Needed(TestImageNames), Needed(TestLabelNames), layout, images);
        return test.Shape == images.Shape
            ? new(images, test)
            : throw new InvalidDataException($"{path}: test images are {test.Shape}, training images {images.Shape}. Save both with one shape.");
    }

    /// <param name="train">The training images where these are the test images; null where these are the training images.</param>
    private static LabeledImages Part(string path, ZipArchiveEntry imageEntry, ZipArchiveEntry labelEntry, ImageLayout layout, LabeledImages? train)
    {
        var (imagePlace, labelPlace) = (Place(path, imageEntry), Place(path, labelEntry));
        var labels = NpyValues.Labels(labelEntry, labelPlace);
        var read = NpyValues.Pixels(imageEntry, imagePlace);
        if (labels.Length != read.Array.Shape[0])
            throw new InvalidDataException($"{labelPlace}: has {labels.Length} labels, but {imagePlace} has {read.Array.Shape[0]} images. Save both anew.");

        var (shape, channelsLast) = NpyImageShape.Of(read.Array, layout.Shape, imagePlace);
        if (channelsLast)
            NpyImageShape.ChannelsFirst(read.Bytes, read.Floats, shape);

        string Label(int index) => $"{labelPlace}: label {index + 1}";
        var classes = train?.Classes ?? layout.CountClasses(labels, Label);
        ImageLayout.CheckBelow(labels, classes, Label);
        return read.Floats is { } floats ? new(shape, classes, floats, labels) : new(shape, classes, read.Bytes!, 255, labels);
    }

    private static string Place(string path, ZipArchiveEntry entry) => $"{path}: {entry.FullName[..^4]}";
}
