using SparseGrid.Contracts.Results;

namespace SparseGrid.Client.Tests.Results;

public sealed class ParetoFrontTests
{
    [Fact]
    public void Holds_what_nothing_beats_from_low_to_high()
    {
        (double X, double Y)[] points = [(1.0, 0.99), (1.5, 0.98), (1.4, 0.98), (1.5, 0.97), (1.2, 0.95), (2.0, 0.90)];
        Assert.Equal([(1.0, 0.99), (1.5, 0.98), (2.0, 0.90)], ParetoFront.Of(points, point => point.X, point => point.Y));
    }

    [Fact]
    public void Of_equal_points_the_first_counts() =>
        Assert.Equal(["a"], ParetoFront.Of((string[])["a", "b"], _ => 1, _ => 1));

    [Fact]
    public void Of_no_points_there_is_none() => Assert.Empty(ParetoFront.Of(Array.Empty<double>(), x => x, y => y));
}
