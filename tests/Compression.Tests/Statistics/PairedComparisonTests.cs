using SparseGrid.Compression.Statistics;

namespace SparseGrid.Compression.Tests.Statistics;

public sealed class PairedComparisonTests
{
    /// <summary>Fifty specimens on two media (Armitage and Berry 1994, p. 127): 20 grew on both, 12 and 2 on one, 16 on neither. Exact p = 2·(1 + 14 + 91) /
    /// 2^14.</summary>
    [Fact]
    public void Gives_the_published_interval_and_the_exact_p_of_a_textbook_table()
    {
        var comparison = PairedComparison.Of(both: 20, onlyCandidate: 12, onlyBaseline: 2, neither: 16);
        Assert.Equal(0.2, comparison.Difference, 12);
        Assert.Equal(0.056, comparison.Low, 3);
        Assert.Equal(0.329, comparison.High, 3);
        Assert.Equal(212 / 16384.0, comparison.McNemarP, 12);
    }

    [Fact]
    public void Counts_images_from_the_answers()
    {
        var comparison = PairedComparison.Of([true, true, true, false, false], [true, false, false, true, false]);
        Assert.Equal((5, 2, 1), (comparison.Images, comparison.OnlyCandidate, comparison.OnlyBaseline));
        Assert.Equal(0.2, comparison.Difference, 12);
        Assert.Equal(1, comparison.McNemarP);
    }

    [Theory]
    [InlineData(0, 1, 1.0)]
    [InlineData(0, 6, 0.03125)]                                   // 2 / 2^6
    [InlineData(1, 8, 0.0390625)]                                 // 2·(1 + 9) / 2^9
    [InlineData(5, 5, 1.0)]
    [InlineData(0, 0, 1.0)]
    public void McNemar_is_the_two_sided_binomial_test_of_the_disagreements(int b, int c, double p) =>
        Assert.Equal(p, PairedComparison.Of(100, b, c, 10).McNemarP, 12);

    [Fact]
    public void McNemar_holds_for_thousands_of_disagreements() =>
        Assert.Equal(0.0279724235713244, PairedComparison.Of(40000, 4000, 4200, 1800).McNemarP, 9);

    [Fact]
    public void Swapping_the_two_mirrors_the_interval()
    {
        var (one, other) = (PairedComparison.Of(300, 9, 4, 47), PairedComparison.Of(300, 4, 9, 47));
        Assert.Equal(one.Difference, -other.Difference, 12);
        Assert.Equal(one.Low, -other.High, 12);
        Assert.Equal(one.High, -other.Low, 12);
        Assert.Equal(one.McNemarP, other.McNemarP, 12);
    }

    [Theory]
    [InlineData(360, 0, 0, 0)]
    [InlineData(340, 0, 0, 20)]
    [InlineData(0, 10, 0, 0)]
    [InlineData(0, 0, 0, 5)]
    [InlineData(350, 3, 2, 5)]
    [InlineData(1, 0, 0, 0)]
    public void The_interval_holds_the_difference_and_stays_within_one(int both, int b, int c, int neither)
    {
        var comparison = PairedComparison.Of(both, b, c, neither);
        Assert.InRange(comparison.Difference, comparison.Low, comparison.High);
        Assert.InRange(comparison.Low, -1 - 1e-12, 1 + 1e-12);
        Assert.InRange(comparison.High, -1 - 1e-12, 1 + 1e-12);
        Assert.True(comparison.High > comparison.Low);
    }

    [Fact]
    public void Answers_to_different_images_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PairedComparison.Of([true], [true, false]));
        Assert.Throws<ArgumentException>(() => PairedComparison.Of([], []));
    }
}
