using SparseGrid.System.Tests.Kills;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>What comes out does not depend on who computed it, and nothing is computed twice.</summary>
public sealed class SiloCountTests(TreeFixture embedded) : IClassFixture<TreeFixture>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>Silos, and whether another sweep asks for part of it first, last variant first.</summary>
    public static TheoryData<int, bool> Counts => LongRun.Asked ? new() { { 1, false }, { 2, false }, { 4, false }, { 1, true }, { 2, true }, { 4, true } } : new() { { 4, true } };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Counts))]
    public async Task A_sweep_on_several_silos_gives_the_artifacts_of_an_embedded_run_in_whatever_order_it_arrives(int silos, bool partFirst)
    {
        folder.Write("tree.yaml", Specs.Tree());
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Start(Enumerable.Range(1, silos).Select(silo => $"s{silo}"));
        if (partFirst)
        {
            folder.Write("part.yaml", Specs.Tree("part").Replace("choice: [max, entropy, percentile, mse]", "choice: [mse, percentile]"));
            await using (await cluster.Client(0, "submit", "part.yaml"))
            {
            }
        }

        await using (await cluster.Client(0, "submit", "tree.yaml", "--watch"))
        {
        }

        var run = await cluster.Result("tree");
        Assert.Equal(embedded.First.Artifacts, run.Artifacts);
        Assert.Equal(cluster.ExecutedStages().Distinct().Count(), cluster.ExecutedStages().Count);
    }

    [Fact]
    public async Task Two_overlapping_sweeps_that_are_submitted_together_execute_each_stage_of_their_union_once()
    {
        folder.Write("one.yaml", Specs.Quick("max, mse", "one"));
        folder.Write("two.yaml", Specs.Quick("mse, entropy", "two"));
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Start(["a", "b"]);
        var submitted = await Task.WhenAll(cluster.Client(0, "submit", "one.yaml", "--watch"), cluster.Client(0, "submit", "two.yaml", "--watch"));
        foreach (var client in submitted)
            await client.DisposeAsync();

        var union = (await Task.WhenAll(cluster.Result("one"), cluster.Result("two")))
            .SelectMany(run => run.Results).SelectMany(result => result.GetProperty("stages").EnumerateArray())
            .Select(stage => $"{stage.GetProperty("kind").GetString()} {stage.GetProperty("key").GetString()}").Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(union, cluster.ExecutedStages().Order(StringComparer.Ordinal));
    }
}
