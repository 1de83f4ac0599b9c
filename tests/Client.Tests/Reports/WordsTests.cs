using SparseGrid.Console.Reports;

namespace SparseGrid.Client.Tests.Reports;

public sealed class WordsTests
{
    [Theory]
    [InlineData(0, "0:00")]
    [InlineData(59.9, "0:59")]
    [InlineData(750, "12:30")]
    [InlineData(90123, "25:02:03")]
    public void Writes_times_as_clocks(double seconds, string expected) => Assert.Equal(expected, Words.Clock(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0.0028, "+0.28")]
    [InlineData(-0.0111, "-1.11")]
    [InlineData(0, "0.00")]
    public void Writes_differences_in_points_with_their_sign(double difference, string expected) => Assert.Equal(expected, Words.Points(difference));

    [Theory]
    [InlineData(1, "1.000")]
    [InlineData(0.0009, "<0.001")]
    public void Writes_small_p_values_as_below_a_thousandth(double p, string expected) => Assert.Equal(expected, Words.PValue(p));
}
