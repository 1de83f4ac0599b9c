using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Images;

namespace SparseGrid.Compression.Analysis;

/// <summary>Finds out what kind of images a path holds, and reads them.</summary>
internal static class AnalysisImageReader
{
    /// <summary>The images, fitted to a network.</summary>
    /// <param name="input">The network's input.</param>
    /// <param name="classes">The number of its scores.</param>
    /// <param name="progress">Told the share of images read.</param>
    /// <exception cref="InvalidDataException">There are none, or one cannot be used.</exception>
    public static AnalysisImages Read(QuickOptions options, ImageShape input, int classes, Action<double> progress, CancellationToken stop)
    {
        var path = options.Images;
        if (Directory.Exists(path) && FormatOf(path) is null)
            return PictureFolder.Read(options, input, classes, progress, stop);

        var place = Place(path);
        var data = place.Read(new(place.Format.Name == "csv" ? input : null, place.Set is null && place.Format.Name is "npz" or "csv" or "idx" ? classes : null));
        var images = data.Test ?? data.Images;
        if (images.Classes != classes)
            throw new InvalidDataException($"{path}: has {images.Classes} classes, and the network gives {classes} scores. Give images of the network's own classes.");

        var order = AnalysisImages.BalancedOrder(images.Labels, options.Seed);
        int[] taken = [.. order.Take(options.MostImages).Order()];
        var preset = ChosenPreprocessing.Of(options, input, PicturePreprocessing.Unit);
        var chosen = images.Shape == input ? images.At(taken) : Fitted(images, taken, input, path);
        return new(
            chosen.With(preset.Normalization), [.. taken.Select(index => $"image {index}")], [], HasLabels: true,
            $"{place.Format.Name}{(data.Test is null ? "" : ", its test images")}", preset.Name, images.Count, []);
    }

    // The folders of pictures are many; those of a data set have its files.
    private static DataFormat? FormatOf(string folder) => DataFormat.All.FirstOrDefault(format => !format.FileNames.IsEmpty && format.Missing(folder).IsEmpty);

    private static DataPlace Place(string path)
    {
        if (Directory.Exists(path))
            return DataPlace.Find(FormatOf(path)!.Name, path, DataCache.Folder);
        if (!File.Exists(path) && NamedSet.Of(path) is not null)
            return DataPlace.Find(path, null, DataCache.Folder);
        if (!File.Exists(path))
        {
            throw new InvalidDataException(
                $"{path}: there is no such folder or file, and no data set of that name. Give a folder of pictures ({string.Join(", ", PictureFile.Extensions)}), an .npz or .csv file, or one of "
                + $"{string.Join(", ", NamedSet.All.Select(set => set.Name))}.");
        }

        var name = Path.GetFileName(path).ToLowerInvariant();
        return name.EndsWith(".npz", StringComparison.Ordinal) ? DataPlace.Find("npz", path, DataCache.Folder)
            : name.EndsWith(".csv", StringComparison.Ordinal) || name.EndsWith(".csv.gz", StringComparison.Ordinal) ? DataPlace.Find("csv", path, DataCache.Folder)
            : throw new InvalidDataException($"{path}: is no file of images that is read here: those are .npz, .csv and .csv.gz; pictures are given as their folder.");
    }

    // Images of a data set in another size: resized as pictures are, in 8 bits.
    private static LabeledImages Fitted(LabeledImages images, int[] taken, ImageShape input, string path)
    {
        var shape = images.Shape;
        if (shape.Channels is not (1 or 3) || input.Channels is not (1 or 3))
            throw new InvalidDataException($"{path}: has images of {shape}, and the network takes {input}; only images of 1 or 3 channels are fitted. Prepare them as the network takes them.");

        var pixels = new byte[taken.Length * input.Count];
        var plain = new float[shape.Count];
        for (var i = 0; i < taken.Length; i++)
        {
            images.CopyPixelsTo(taken[i], plain);
            var samples = new byte[shape.Height * shape.Width * input.Channels];
            for (var at = 0; at < samples.Length; at++)
            {
                var channel = shape.Channels == 1 ? 0 : at % input.Channels;
                samples[at] = (byte)Math.Round(255 * Math.Clamp(plain[channel * shape.Height * shape.Width + at / input.Channels], 0f, 1f));
            }

            PicturePreprocessing.Unit.Fit(new(samples, input.Channels, shape.Height, shape.Width), input, pixels.AsSpan(i * input.Count, input.Count));
        }

        return new(input, images.Classes, pixels, 255, [.. taken.Select(index => images.Labels[index])]);
    }
}
