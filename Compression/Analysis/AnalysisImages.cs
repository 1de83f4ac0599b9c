using System.Collections.Immutable;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Randomness;

namespace SparseGrid.Compression.Analysis;

/// <summary>Images for a network of the user's, as it takes them.</summary>
/// <param name="Names">What each image is called: its file, or its number.</param>
/// <param name="ClassNames">Names of the classes in the order of the scores; empty where they have none.</param>
/// <param name="HasLabels">False where the classes of the images are not known; all labels are then 0.</param>
/// <param name="Source">How they were read, in words.</param>
/// <param name="Found">Images there were, of which these were taken.</param>
internal sealed record AnalysisImages(
    LabeledImages Images, ImmutableArray<string> Names, ImmutableArray<string> ClassNames, bool HasLabels, string Source, string Preprocessing, int Found, ImmutableArray<string> Notes)
{
    /// <summary>
    /// Indexes in a seeded order whose every beginning has the classes in balance: the first of each class, then the second of each, and so on.
    /// </summary>
    public static int[] BalancedOrder(IReadOnlyList<int> classes, int seed)
    {
        var random = new CounterRandom(seed, "analysis");
        var rank = new int[classes.Count];
        foreach (var members in Enumerable.Range(0, classes.Count).GroupBy(index => classes[index]))
        {
            var place = 0;
            foreach (var index in members.OrderBy(index => random.Bits(index)).ThenBy(index => index))
                rank[index] = place++;
        }

        return [.. Enumerable.Range(0, classes.Count).OrderBy(index => rank[index]).ThenBy(index => random.Bits(index, 1)).ThenBy(index => index)];
    }

    /// <summary>Images for ranges, for choosing, and for the figures; each in their own order.</summary>
    /// <exception cref="InvalidDataException">There are too few images.</exception>
    public (int[] Calibration, int[] Choice, int[] Evaluation) Split(int? calibration, int seed)
    {
        const int MostByDefault = 256;
        if (Images.Count < QuickOptions.FewestImages)
            throw new InvalidDataException($"There are {Images.Count} images: {QuickOptions.FewestImages} are the fewest that make three parts, and a few hundred tell something.");
        var part = Math.Clamp(Images.Count / 4, 1, MostByDefault);
        var first = calibration ?? part;
        if (first + 2 * part > Images.Count + part)
            throw new InvalidDataException($"calibration is {first}, but there are {Images.Count} images, and a part is left for choosing and one for the figures. Give fewer, or more images.");

        var second = Math.Min(part, (Images.Count - first) / 2);
        var order = BalancedOrder(Images.Labels, seed);
        return ([.. order[..first].Order()], [.. order[first..(first + second)].Order()], [.. order[(first + second)..].Order()]);
    }
}
