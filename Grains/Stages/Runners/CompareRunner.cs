using System.Collections.Immutable;
using SparseGrid.Compression.Statistics;
using SparseGrid.Grains.Results;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage compare: the test images that the variant puts into another class than its dense ancestor, with the pixels of the first of them.</summary>
internal static class CompareRunner
{
    /// <summary>Makes the flips, which people look at to see what compression costs.</summary>
    public static StageOutput Run(StageWork work)
    {
        var (own, dense) = (work.Arrays("predictions_test"), work.Arrays("baseline_predictions"));
        var labels = own["label"].Longs;
        var candidate = own["predicted"].Longs;
        var baseline = dense["predicted"].Longs;
        var images = work.Data.Test;
        if (!labels.SequenceEqual(dense["label"].Longs) || labels.Length != images.Count)
        {
            throw new StageFailedException(
                $"The variant was evaluated on {labels.Length} test images, its dense ancestor on {dense["label"].Count}, and the data have {images.Count}: they "
                + "are not the same images. Delete the grid's folder and run the sweep again.");
        }

        var flips = PredictionFlips.Of(labels, baseline, candidate);
        var rows = ImmutableArray.CreateBuilder<FlippedImage>(flips.Images.Length);
        foreach (var image in flips.Images)
            rows.Add(new(image, (int)labels[image], (int)baseline[image], (int)candidate[image]));

        var shape = images.Shape;
        var pixels = new byte[Math.Min(rows.Count, FlipsFile.MostPictures) * shape.Count];
        var plain = new float[shape.Count];
        for (var picture = 0; picture * shape.Count < pixels.Length; picture++)
        {
            images.CopyPixelsTo(flips.Images[picture], plain);
            ToBytes(plain, pixels.AsSpan(picture * shape.Count, shape.Count));
        }

        var artifact = work.Artifacts.Put(FlipsFile.Write(new(rows.DrainToImmutable(), shape.Channels, shape.Height, shape.Width, [.. pixels])));
        return new(
            ImmutableSortedDictionary<string, string>.Empty.Add("flips", artifact),
            ImmutableSortedDictionary<string, double>.Empty
                .Add("flipped", flips.Images.Length).Add("lost", flips.Lost).Add("gained", flips.Gained).Add("otherwise_wrong", flips.OtherwiseWrong),
            []);
    }

    private static void ToBytes(ReadOnlySpan<float> image, Span<byte> bytes)
    {
        for (var i = 0; i < image.Length; i++)
            bytes[i] = (byte)Math.Round(255 * Math.Clamp(image[i], 0f, 1f));
    }
}
