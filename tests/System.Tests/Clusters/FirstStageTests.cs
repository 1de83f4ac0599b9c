using System.Globalization;
using SparseGrid.System.Tests.Kills;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>How soon a submitted sweep runs.</summary>
public sealed class FirstStageTests : IDisposable
{
    private const int Submissions = 5;

    // Of a machine that has nothing else to do it is a second; on one that runs other tests beside this, what is tested is that nothing waits for a period of the grid.
    private static readonly TimeSpan Limit = LongRun.Asked ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_warm_silo_runs_the_first_stage_within_a_second_of_its_submission()
    {
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Start(["a"]);
        await Submit(cluster, "warm-up", seed: 100);
        var waits = new List<TimeSpan>();
        for (var i = 0; i < Submissions; i++)
        {
            await Submit(cluster, $"sweep-{i}", seed: i);
            waits.Add(WaitOf(cluster, $"sweep-{i}"));
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"from submission to first stage, warm silo: {string.Join(", ", waits.Select(wait => $"{wait.TotalMilliseconds:0}"))} ms; limit for the shortest {Limit.TotalMilliseconds:0} ms");
        Assert.InRange(waits.Min(), TimeSpan.Zero, Limit);
    }

    // To its end, so that the next one finds the slot free.
    private async Task Submit(SiloCluster cluster, string name, int seed)
    {
        folder.Write($"{name}.yaml", Specs.Long(epochs: 1).Replace("sweep: long", $"sweep: {name}").Replace("seed: 7", $"seed: {seed}"));
        await using var submitted = await cluster.Client(0, "submit", $"{name}.yaml", "--watch");
    }

    /// <summary>From the line that tells of the submission to the next one that tells of a training.</summary>
    private static TimeSpan WaitOf(SiloCluster cluster, string name)
    {
        var lines = cluster.Logged().Select(entry => entry.Line).SkipWhile(line => !line.EndsWith($"Sweep {name} is submitted", StringComparison.Ordinal)).ToArray();
        var trained = lines.FirstOrDefault(line => line.Contains(" runs train ", StringComparison.Ordinal));
        Assert.True(trained is not null, $"No log tells that a training of {name} began: {string.Join('\n', lines)}");
        return TimeOf(trained) - TimeOf(lines[0]);
    }

    private static DateTimeOffset TimeOf(string line) => DateTimeOffset.Parse(line[..24], CultureInfo.InvariantCulture);
}
