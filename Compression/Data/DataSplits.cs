using SparseGrid.Compression.Randomness;

namespace SparseGrid.Compression.Data;

/// <summary>One data set in its three parts. Training and calibration use <paramref name="Train"/>, every choice <paramref name="Validation"/>, the final
/// table <paramref name="Test"/>.</summary>
public sealed record DataSplits(LabeledImages Train, LabeledImages Validation, LabeledImages Test)
{
    /// <summary>Splits images class by class, so that each part has every class in its share. The seed and an image's place in the data decide where it
    /// goes.</summary>
    /// <param name="validation">Of the images that are no test images: below 1 their share, from 2 on their number.</param>
    /// <param name="test">Of all images: below 1 their share, from 2 on their number.</param>
    /// <exception cref="InvalidDataException">A part would be empty for some class.</exception>
    public static DataSplits Of(LabeledImages all, double validation, double test, int seed)
    {
        var members = Members(all, seed);
        var tests = HeldOut(Array.ConvertAll(members, images => images.Length), test, "data.test");
        return Of(all, members, tests, validation, $"test {test} and validation {validation}");
    }

    /// <summary>Holds validation images out of the training images, class by class; the test images are a set of their own and stay whole.</summary>
    /// <param name="validation">Of the training images: below 1 their share, from 2 on their number.</param>
    /// <exception cref="InvalidDataException">A part would be empty for some class.</exception>
    public static DataSplits Of(LabeledImages train, LabeledImages test, double validation, int seed)
    {
        var members = Members(train, seed);
        return Of(train, members, null, validation, $"validation {validation}") with { Test = test };
    }

    /// <summary>The same images for a network that takes them so.</summary>
    public DataSplits With(Normalization normalization) => new(Train.With(normalization), Validation.With(normalization), Test.With(normalization));

    /// <summary>A class-balanced sample of the training part, drawn by the seed; for calibration.</summary>
    /// <param name="images">Images wanted; all of them where there are fewer.</param>
    public LabeledImages CalibrationSample(int images, long seed)
    {
        var random = new CounterRandom(seed, "calibration");
        var rank = new int[Train.Count];
        foreach (var members in Enumerable.Range(0, Train.Count).GroupBy(index => Train.Labels[index]))
        {
            var place = 0;
            foreach (var index in members.OrderBy(index => random.Bits(index)).ThenBy(index => index))
                rank[index] = place++;
        }

        // The first of every class, then the second of every class, and so on: any prefix is balanced.
        return Train.At([.. Enumerable.Range(0, Train.Count).OrderBy(index => rank[index]).ThenBy(index => Train.Labels[index]).ThenBy(index => index).Take(images)]);
    }

    // Images of each class in the order in which they are held out.
    private static int[][] Members(LabeledImages images, int seed)
    {
        var random = new CounterRandom(seed, "split");
        var members = Enumerable.Range(0, images.Classes).Select(_ => new List<int>()).ToArray();
        for (var index = 0; index < images.Count; index++)
            members[images.Labels[index]].Add(index);
        return Array.ConvertAll(members, indexes => indexes.OrderBy(index => random.Bits(index)).ThenBy(index => index).ToArray());
    }

    private static DataSplits Of(LabeledImages all, int[][] members, int[]? tests, double validation, string held)
    {
        var validations = HeldOut([.. members.Select((images, label) => images.Length - (tests?[label] ?? 0))], validation, "data.validation");
        var parts = new List<int>[] { [], [], [] };
        for (var label = 0; label < members.Length; label++)
        {
            var (images, test, kept) = (members[label], tests?[label] ?? 0, validations[label]);
            if (images.Length > 0 && ((tests is not null && test == 0) || kept == 0 || test + kept >= images.Length))
            {
                throw new InvalidDataException(
                    $"Class {label} has {images.Length} images: {held} leave a part without any. Use more images or other shares.");
            }

            parts[2].AddRange(images[..test]);
            parts[1].AddRange(images[test..(test + kept)]);
            parts[0].AddRange(images[(test + kept)..]);
        }

        foreach (var part in parts)
            part.Sort();
        return new(all.At(parts[0]), all.At(parts[1]), all.At(parts[2]));
    }

    // How many images of each class are held out. A number is dealt out in the classes' shares, by largest remainders, at equal ones to the smaller class.
    private static int[] HeldOut(int[] sizes, double amount, string key)
    {
        if (amount < 1)
            return Array.ConvertAll(sizes, size => (int)Math.Round(size * amount));

        var all = sizes.Sum();
        if (amount >= all)
            throw new InvalidDataException($"{key} is {amount}, but there are {all} images to hold them out of. Use fewer.");

        var shares = Array.ConvertAll(sizes, size => size * amount / all);
        var counts = Array.ConvertAll(shares, share => (int)share);
        var left = (int)amount - counts.Sum();
        foreach (var label in Enumerable.Range(0, sizes.Length).OrderByDescending(label => shares[label] - counts[label]).ThenBy(label => label).Take(left))
            counts[label]++;
        return counts;
    }
}
