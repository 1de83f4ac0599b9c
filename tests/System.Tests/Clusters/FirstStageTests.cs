using System.Globalization;
using SparseGrid.System.Tests.Kills;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>How soon a submitted sweep runs.</summary>
public sealed class FirstStageTests : IDisposable
{
    private const int Submissions = 5;

    // A second is promised of a machine that has nothing else to do. This is for one that runs other tests too.
    private static readonly TimeSpan Limit = LongRun.Asked ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(5);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_warm_silo_runs_the_first_stage_within_a_second_of_its_submission()
    {
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Start(["a"]);
        await Submit(cluster, "warm-up", seed: 100);
        var (inSilo, withClient) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var i = 0; i < Submissions; i++)
        {
            var started = DateTimeOffset.UtcNow;
            await Submit(cluster, $"sweep-{i}", seed: i);
            var (submitted, trained) = TimesOf(cluster, $"sweep-{i}");
            inSilo.Add(trained - submitted);
            withClient.Add(trained - started);
        }

        static string Listed(IEnumerable<TimeSpan> times) => $"{string.Join(", ", times.Select(time => $"{time.TotalMilliseconds:0}"))} ms";
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"to the first stage on a warm silo: {Listed(inSilo)} from the submission; {Listed(withClient)} with the start of the client's process; limit for the shortest of the former {Listed([Limit])}");
        Assert.InRange(inSilo.Min(), TimeSpan.Zero, Limit);
    }

    // To its end, so that the next one finds the slot free.
    private async Task Submit(SiloCluster cluster, string name, int seed)
    {
        folder.Write($"{name}.yaml", Specs.Long(epochs: 1).Replace("sweep: long", $"sweep: {name}").Replace("seed: 7", $"seed: {seed}"));
        await using var submitted = await cluster.Client(0, "submit", $"{name}.yaml", "--watch");
    }

    /// <summary>When the logs tell of the submission, which has then reached its coordinator, and next of a training.</summary>
    private static (DateTimeOffset Submitted, DateTimeOffset Trained) TimesOf(SiloCluster cluster, string name)
    {
        var lines = cluster.Logged().Select(entry => entry.Line).SkipWhile(line => !line.EndsWith($"Sweep {name} is submitted", StringComparison.Ordinal)).ToArray();
        var trained = lines.FirstOrDefault(line => line.Contains(" runs train ", StringComparison.Ordinal));
        Assert.True(trained is not null, $"No log tells that a training of {name} began: {string.Join('\n', lines)}");
        return (TimeOf(lines[0]), TimeOf(trained));
    }

    private static DateTimeOffset TimeOf(string line) => DateTimeOffset.Parse(line[..24], CultureInfo.InvariantCulture);
}
