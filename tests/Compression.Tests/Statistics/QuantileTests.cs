using SparseGrid.Compression.Statistics;

namespace SparseGrid.Compression.Tests.Statistics;

public sealed class QuantileTests
{
    [Fact]
    public void The_median_is_the_middle_or_the_mean_of_the_two_in_the_middle()
    {
        Assert.Equal(2, Quantile.Median([3, 1, 2]));
        Assert.Equal(2.5, Quantile.Median([4, 1, 3, 2]));
    }

    [Theory]
    [InlineData(100, 0.99, 99)]
    [InlineData(101, 0.99, 100)]
    [InlineData(300, 0.99, 297)]
    [InlineData(700, 0.99, 693)]
    [InlineData(10, 0.99, 10)]
    [InlineData(10, 1, 10)]
    [InlineData(10, 0.01, 1)]
    public void Nearest_rank_takes_the_first_value_that_the_share_does_not_exceed(int n, double share, double expected) =>
        Assert.Equal(expected, Quantile.NearestRank(Enumerable.Range(1, n).Reverse().Select(value => (double)value), share));

    [Fact]
    public void An_empty_sample_or_an_impossible_share_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Quantile.Median([]));
        Assert.Throws<ArgumentException>(() => Quantile.NearestRank([1], 0));
        Assert.Throws<ArgumentException>(() => Quantile.NearestRank([1], double.NaN));
    }
}
