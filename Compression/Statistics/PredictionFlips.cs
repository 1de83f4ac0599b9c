using System.Collections.Immutable;

namespace SparseGrid.Compression.Statistics;

/// <summary>The images that two classifiers put into different classes.</summary>
/// <param name="Images">Their indexes: first those that the candidate lost (the baseline alone is right), then those it gained (the candidate alone is
/// right), then those that both get wrong; by index within each.</param>
/// <param name="Lost">How many of them come first.</param>
/// <param name="Gained">How many come next.</param>
public sealed record PredictionFlips(ImmutableArray<int> Images, int Lost, int Gained)
{
    /// <summary>Images that both get wrong, in different ways; they come last.</summary>
    public int OtherwiseWrong => Images.Length - Lost - Gained;

    /// <summary>Compares predictions image by image.</summary>
    /// <param name="labels">The right class of each image.</param>
    /// <param name="baseline">The class that the baseline predicts.</param>
    /// <param name="candidate">The class that the candidate predicts.</param>
    /// <exception cref="ArgumentException">The three are of different lengths.</exception>
    public static PredictionFlips Of(ReadOnlySpan<long> labels, ReadOnlySpan<long> baseline, ReadOnlySpan<long> candidate)
    {
        if (baseline.Length != labels.Length || candidate.Length != labels.Length)
        {
            throw new ArgumentException(
                $"{labels.Length} labels, {baseline.Length} and {candidate.Length} predictions were given: a comparison needs the same images.", nameof(candidate));
        }

        List<int> lost = [], gained = [], otherwise = [];
        for (var image = 0; image < labels.Length; image++)
        {
            if (candidate[image] != baseline[image])
                (baseline[image] == labels[image] ? lost : candidate[image] == labels[image] ? gained : otherwise).Add(image);
        }

        return new([.. lost, .. gained, .. otherwise], lost.Count, gained.Count);
    }
}
