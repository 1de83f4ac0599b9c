using System.Diagnostics;
using System.Text.Json;
using SparseGrid.System.Tests.Kills;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>How soon a sweep goes on when the silo that runs it is lost, with the settings as shipped. A machine that is busy with other tests is given twice the time.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("KILL", 15)]
    [InlineData("STOP", 30)]
    [InlineData("TERM", 15)]
    public async Task Work_of_a_lost_silo_runs_elsewhere(string signal, int seconds)
    {
        folder.Write("long.yaml", Specs.Long(epochs: 400));
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Start(["a", "b", "c"]);
        await using (await cluster.Client(0, "submit", "long.yaml"))
        {
        }

        var first = "";
        await cluster.Until("long", status => (first = SiloOf(status)).Length > 0, "the training runs", TimeSpan.FromSeconds(60));

        var limit = TimeSpan.FromSeconds(LongRun.Asked ? seconds : 2 * seconds);
        var others = cluster.Names.Where(name => name != first).ToArray();
        var watch = Stopwatch.StartNew();
        cluster.Signal(first, signal);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!others.Any(name => cluster.StartedOn(name).Any(stage => stage.StartsWith("train", StringComparison.Ordinal))))
        {
            Assert.True(watch.Elapsed < limit, $"{signal}: nothing runs elsewhere after {limit.TotalSeconds} s");
            await poll.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{signal}: elsewhere after {watch.Elapsed.TotalSeconds:0.0} s");

        await using (await cluster.Client(0, "stop", "long"))
        {
        }

        if (signal == "STOP")
            cluster.Signal(first, "CONT");
        var lost = await cluster.Gone(first);
        Assert.Equal(signal switch { "KILL" => 137, "STOP" => 134, _ => 0 }, lost.ExitCode);
    }

    private static string SiloOf(JsonElement status) =>
        status.GetProperty("variants").EnumerateArray().Select(variant => variant.GetProperty("silo").GetString()!).FirstOrDefault("");
}
