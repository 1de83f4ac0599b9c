using SparseGrid.Compression.Randomness;

namespace SparseGrid.Compression.Tests.Training;

public sealed class CounterRandomTests
{
    [Fact]
    public void A_permutation_holds_every_number_once_and_differs_by_epoch()
    {
        var random = new CounterRandom(1, "order");
        Assert.Equal(Enumerable.Range(0, 1000), random.Permutation(1000, 0).Order());
        Assert.NotEqual(random.Permutation(1000, 0), random.Permutation(1000, 1));
        Assert.Equal(random.Permutation(1000, 1), new CounterRandom(1, "order").Permutation(1000, 1));
    }

    [Fact]
    public void Purposes_and_seeds_draw_apart()
    {
        Assert.NotEqual(new CounterRandom(1, "a").Bits(0), new CounterRandom(1, "b").Bits(0));
        Assert.NotEqual(new CounterRandom(1, "a").Bits(0), new CounterRandom(2, "a").Bits(0));
        Assert.NotEqual(new CounterRandom(1, "a").Bits(0, 1), new CounterRandom(1, "a").Bits(1, 0));
    }

    [Fact]
    public void Normal_draws_have_mean_zero_and_variance_one()
    {
        var random = new CounterRandom(5, "normal");
        var draws = Enumerable.Range(0, 100_000).Select(i => random.Normal(0, i)).ToArray();
        Assert.Equal(0, draws.Average(), 0.02);
        Assert.Equal(1, draws.Average(draw => draw * draw), 0.02);
    }

    [Fact]
    public void Integers_reach_both_ends_evenly()
    {
        var random = new CounterRandom(5, "shift");
        var counts = Enumerable.Range(0, 30_000).Select(i => random.Integer(-1, 1, i)).CountBy(value => value).ToDictionary();
        Assert.Equal([-1, 0, 1], counts.Keys.Order());
        Assert.All(counts.Values, count => Assert.InRange(count, 9_700, 10_300));
    }
}
