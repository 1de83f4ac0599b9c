using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Sweeps;
using static SparseGrid.Client.Tests.Sample;

namespace SparseGrid.Client.Tests.Results;

public sealed class ReplicateSummaryTests
{
    [Fact]
    public void Gives_mean_and_sample_deviation_over_the_seeds()
    {
        TrialRow[] rows = [Dense(0, "dense", 7, 0.97), Dense(1, "dense #2", 8, 0.98), Dense(2, "dense #3", 9, 0.99)];
        var summary = Assert.Single(ReplicateSummary.Of(rows));
        Assert.Equal("dense", summary.Path);
        Assert.Equal([7, 8, 9], summary.Seeds);
        Assert.Equal(0.98, summary.Top1.Mean, 12);
        Assert.Equal(0.01, summary.Top1.Deviation, 12);
        Assert.Equal(0, summary.Difference.Deviation);
    }

    [Fact]
    public void Leaves_out_what_diverged_and_says_how_many()
    {
        TrialRow[] rows = [Dense(0, "dense", 7, 0.97), Dense(1, "dense #2", 8, 0.1, diverged: true)];
        var summary = Assert.Single(ReplicateSummary.Of(rows));
        Assert.Equal((1, 1, 0.97), (summary.Seeds.Length, summary.Diverged, summary.Top1.Mean));
        Assert.True(double.IsNaN(summary.Top1.Deviation));
    }

    [Fact]
    public void There_is_none_without_replicates_and_none_of_a_configuration_without_results()
    {
        Assert.Empty(ReplicateSummary.Of(ThreeRows()));
        Assert.Empty(ReplicateSummary.Of([Failed(0, "dense", -1, "x"), Failed(1, "dense #2", -1, "x")]));
    }

    private static TrialRow Dense(int index, string path, int seed, double top1, bool diverged = false) =>
        Row(index, path, VariantKind.Dense, -1, top1, 0, 0.4, 1000, diverged: diverged) with { Seed = seed };
}
