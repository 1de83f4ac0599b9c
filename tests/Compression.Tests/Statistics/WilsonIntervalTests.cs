using SparseGrid.Compression.Statistics;

namespace SparseGrid.Compression.Tests.Statistics;

public sealed class WilsonIntervalTests
{
    /// <summary>81 of 263 and 15 of 148: Newcombe, Statistics in Medicine 17 (1998), p. 857, table I, method 3; 0 of 20 and 1 of 29 from the same.</summary>
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Agrees_with_the_published_table(int right, int n, double low, double high)
    {
        var interval = WilsonInterval.Of(right, n);
        Assert.Equal(low, interval.Low, 0.00005);
        Assert.Equal(high, interval.High, 0.00005);
    }

    [Fact]
    public void Ends_at_1_where_all_are_right_and_has_a_width_there()
    {
        var interval = WilsonInterval.Of(500, 500);
        Assert.Equal(1, interval.High);
        Assert.InRange(interval.Low, 0.99, 0.993);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 5)]
    [InlineData(6, 5)]
    public void Counts_that_cannot_be_are_refused(int right, int n) => Assert.Throws<ArgumentOutOfRangeException>(() => WilsonInterval.Of(right, n));
}
