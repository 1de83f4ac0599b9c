using SparseGrid.Compression.Statistics;

namespace SparseGrid.Compression.Tests.Statistics;

public sealed class PredictionFlipsTests
{
    //                                     same  lost  gained  both wrong, alike  both wrong  lost  gained
    private static readonly long[] Labels = [0, 1, 2, 3, 4, 5, 6];
    private static readonly long[] Baseline = [0, 1, 9, 8, 8, 5, 0];
    private static readonly long[] Candidate = [0, 7, 2, 8, 7, 4, 6];

    [Fact]
    public void Lists_what_was_lost_then_what_was_gained_then_what_both_get_wrong_each_by_index()
    {
        var flips = PredictionFlips.Of(Labels, Baseline, Candidate);

        Assert.Equal([1, 5, 2, 6, 4], flips.Images);
        Assert.Equal((2, 2, 1), (flips.Lost, flips.Gained, flips.OtherwiseWrong));
    }

    [Fact]
    public void A_classifier_has_no_flips_against_itself() => Assert.Empty(PredictionFlips.Of(Labels, Candidate, Candidate).Images);

    [Fact]
    public void Predictions_of_other_images_are_refused() =>
        Assert.Contains("7 labels, 6 and 7 predictions", Assert.Throws<ArgumentException>(() => PredictionFlips.Of(Labels, Baseline.AsSpan(1), Candidate)).Message);
}
