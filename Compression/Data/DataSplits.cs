using SparseGrid.Compression.Randomness;

namespace SparseGrid.Compression.Data;

/// <summary>One data set in its three parts. Training and calibration use <paramref name="Train"/>, every choice <paramref name="Validation"/>, the final
/// table <paramref name="Test"/>.</summary>
public sealed record DataSplits(LabeledImages Train, LabeledImages Validation, LabeledImages Test)
{
    /// <summary>Splits class by class, so that each part has every class in its share. The seed and an image's place in the data decide where it
    /// goes.</summary>
    /// <param name="test">Share of all images, above 0 and below 1.</param>
    /// <param name="validation">Share of what remains, above 0 and below 1.</param>
    /// <exception cref="InvalidDataException">A part would be empty for some class.</exception>
    public static DataSplits Of(LabeledImages all, double validation, double test, int seed)
    {
        var parts = new List<int>[] { [], [], [] };
        var random = new CounterRandom(seed, "split");
        for (var label = 0; label < all.Classes; label++)
        {
            var members = Enumerable.Range(0, all.Count).Where(index => all.Labels[index] == label)
                .OrderBy(index => random.Bits(index)).ThenBy(index => index).ToArray();
            var testCount = (int)Math.Round(members.Length * test);
            var validationCount = (int)Math.Round((members.Length - testCount) * validation);
            if (members.Length > 0 && (testCount == 0 || validationCount == 0 || testCount + validationCount >= members.Length))
            {
                throw new InvalidDataException(
                    $"Class {label} has {members.Length} images: test {test} and validation {validation} leave a part without any. Use more images or other shares.");
            }

            parts[2].AddRange(members[..testCount]);
            parts[1].AddRange(members[testCount..(testCount + validationCount)]);
            parts[0].AddRange(members[(testCount + validationCount)..]);
        }

        foreach (var part in parts)
            part.Sort();
        return new(all.At(parts[0]), all.At(parts[1]), all.At(parts[2]));
    }

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
}
