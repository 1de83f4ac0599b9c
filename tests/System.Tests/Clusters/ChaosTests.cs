using System.Diagnostics;
using System.Text;
using System.Text.Json;
using SparseGrid.System.Tests.Kills;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>
/// A sweep on three silos that are killed, frozen, and told to leave, the coordinator's among them, while its clients are killed too. It ends with the table and
/// the artifacts of an undisturbed run; nothing is missing, double, or left behind, and silos that live on do not grow. A seed draws what happens when.
/// </summary>
public sealed class ChaosTests : IDisposable
{
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly string[] Checkpoints = ["--set", "Checkpoints:Steps=4"];
    private static readonly Lazy<Task<IReadOnlyList<string>>> Undisturbed = new(RunUndisturbed);
    private readonly TemporaryFolder folder = new();
    private readonly SiloGrowth growth = new();

    private enum Event
    {
        Kill,
        Freeze,
        Stop,
        KillTheClient,
        KillTheCoordinator,
    }

    /// <summary>One seed; three where SPARSEGRID_LONG is 1.</summary>
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, LongRun.Asked ? 3 : 1)];

    // 24 and 200 variants.
    private static int Trials => LongRun.Asked ? 200 : 24;

    private static string Rates => string.Join(", ", Enumerable.Range(0, Trials / 4).Select(rate => $"0.{100 + rate}"));

    private static string Spec => Specs.Descent(Rates).Replace("sweep: descent", "sweep: chaos");

    private static int Events => LongRun.Asked ? 24 : 5;

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Silos_and_clients_that_die_freeze_and_leave_change_nothing_of_what_comes_out(int seed)
    {
        folder.Write("chaos.yaml", Spec);
        var story = new StringBuilder($"seed {seed}:");
        var watch = Stopwatch.StartNew();
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Start(Names, Checkpoints);
        await using (await cluster.Client(0, "submit", "chaos.yaml"))
        {
        }

        var drawn = Drawn(seed);
        foreach (var (wait, what, named) in drawn)
        {
            await Task.Delay(wait, TestContext.Current.CancellationToken);
            var victim = what == Event.KillTheCoordinator ? cluster.CoordinatorOf("chaos")! : named;
            story.Append($" {what} {victim},");
            await Disturb(cluster, victim, what);
            growth.Look(cluster);
        }

        await cluster.Until(
            "chaos", status => status.GetProperty("state").GetString() != "active", $"the sweep ended ({story})", TimeSpan.FromMinutes(LongRun.Asked ? 45 : 4));
        growth.Look(cluster);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{story} in all {watch.Elapsed.TotalSeconds:0} s; {string.Join(", ", drawn.GroupBy(entry => entry.What).OrderBy(kind => kind.Key).Select(kind => $"{kind.Count()} {kind.Key}"))}; {growth}");

        var run = await cluster.Result("chaos");
        Assert.Empty(run.Rows.Where(row => row.GetProperty("state").GetString() != "finished").Select(row => $"{row.GetProperty("path")}: {row.GetProperty("state")}: {row.GetProperty("failure")}"));
        Assert.Equal(Enumerable.Range(0, Trials), run.Rows.Select(row => row.GetProperty("index").GetInt32()));
        Assert.Equal(Trials, run.Rows.Select(row => row.GetProperty("path").GetString()).Distinct().Count());
        Assert.Equal(await Undisturbed.Value, run.Artifacts);
        Assert.Empty(cluster.Records("stage").Where(stage => stage.State.GetProperty("Owner").ValueKind != JsonValueKind.Null).Select(stage => $"{stage.Key}: {stage.State.GetProperty("Owner")}"));
        // That a run is finished is told by its result alone; and one whose silo died before its last word is remembered as running there, until the next start looks whether the silo lives.
        var living = cluster.Living();
        var results = cluster.Records("result").Select(result => result.Key).ToHashSet();
        Assert.True(living.Count >= Names.Length, $"{living.Count} silos are active");
        Assert.Empty(cluster.Records("variant").Where(variant => variant.State.GetProperty("Running").GetBoolean() && !results.Contains(variant.State.GetProperty("Result").GetString()!) && living.Contains(variant.State.GetProperty("Silo").GetString()!)).Select(variant => variant.Key));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(cluster.Grid, "checkpoints"), "*", SearchOption.AllDirectories));
        Assert.Empty(growth.Faults);
    }

    /// <summary>What happens when. In the second half silo c is left alone, so that one silo lives through much of it.</summary>
    private static List<(TimeSpan Wait, Event What, string Victim)> Drawn(int seed)
    {
        var draws = new Random(seed);
        var events = new List<(TimeSpan, Event, string)>();
        for (var index = 0; index < Events; index++)
        {
            var wait = TimeSpan.FromSeconds(1 + 3 * draws.NextDouble());
            var victim = Names[draws.Next(2 * index < Events ? 3 : 2)];
            var what = (index % 5) switch { 1 => Event.KillTheCoordinator, 3 => Event.KillTheClient, _ => (Event)draws.Next(4) };
            events.Add((wait, what, victim));
        }

        return events;
    }

    private async Task Disturb(SiloCluster cluster, string victim, Event what)
    {
        if (what == Event.KillTheClient)
        {
            await using var client = SparseGridProcess.Start(folder.Path, "submit", "chaos.yaml", "--watch", "--folder", "grid");
            await Task.Delay(500, TestContext.Current.CancellationToken);
            client.Signal("KILL");
            return;
        }

        cluster.Signal(victim, what switch { Event.Freeze => "STOP", Event.Stop => "TERM", _ => "KILL" });
        if (what == Event.Freeze)
        {
            // Long enough to be taken for dead; then it wakes, with a stage half done.
            await Task.Delay(TimeSpan.FromSeconds(16), TestContext.Current.CancellationToken);
            cluster.Signal(victim, "CONT");
        }

        await cluster.Replace(victim, Checkpoints);
    }

    private static async Task<IReadOnlyList<string>> RunUndisturbed()
    {
        using var folder = new TemporaryFolder();
        folder.Write("chaos.yaml", Spec);
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "chaos.yaml", "--slots", "2", "--json");
        Assert.Equal(0, run.ExitCode);
        return new SweepRun(run.Document).Artifacts;
    }
}
