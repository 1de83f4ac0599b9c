using System.Text;
using System.Text.Json;
using SparseGrid.System.Tests.Kills;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>
/// A sweep on three silos that are killed, frozen, and told to leave, the coordinator's among them, while its clients are killed too. It ends with the table and
/// the artifacts of an undisturbed run; nothing is missing, double, or left behind. A seed draws what happens when.
/// </summary>
public sealed class ChaosTests : IDisposable
{
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly string[] Checkpoints = ["--set", "Checkpoints:Steps=4"];
    private readonly TemporaryFolder folder = new();

    /// <summary>One seed; three where SPARSEGRID_LONG is 1.</summary>
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, LongRun.Asked ? 3 : 1)];

    // 24 and 200 variants.
    private static string Rates => string.Join(", ", Enumerable.Range(0, LongRun.Asked ? 50 : 6).Select(rate => $"0.{100 + rate}"));

    private static int Events => LongRun.Asked ? 24 : 5;

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Silos_and_clients_that_die_freeze_and_leave_change_nothing_of_what_comes_out(int seed)
    {
        folder.Write("chaos.yaml", Specs.Descent(Rates).Replace("sweep: descent", "sweep: chaos"));
        var draws = new Random(seed);
        var story = new StringBuilder($"seed {seed}:");
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Start(Names, Checkpoints);
        await using (await cluster.Client(0, "submit", "chaos.yaml"))
        {
        }

        for (var done = 0; done < Events; done++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1 + 3 * draws.NextDouble()), TestContext.Current.CancellationToken);
            var (victim, what) = (Names[draws.Next(Names.Length)], draws.Next(4));
            story.Append(' ').Append(what switch { 0 => "kill ", 1 => "freeze ", 2 => "stop ", _ => "kill a client of " }).Append(victim).Append(',');
            await Disturb(cluster, victim, what);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(story.ToString());
        await cluster.Until("chaos", status => status.GetProperty("state").GetString() != "active", $"the sweep ended ({story})", TimeSpan.FromMinutes(LongRun.Asked ? 15 : 4));

        var run = await cluster.Result("chaos");
        Assert.Empty(run.Rows.Where(row => row.GetProperty("state").GetString() != "finished").Select(row => $"{row.GetProperty("path")}: {row.GetProperty("state")}: {row.GetProperty("failure")}"));
        Assert.Equal(await Undisturbed(), run.Artifacts);
        Assert.Empty(LeasesLeft(cluster.Grid));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(cluster.Grid, "checkpoints"), "*", SearchOption.AllDirectories));
    }

    private async Task Disturb(SiloCluster cluster, string victim, int what)
    {
        if (what == 3)
        {
            await using var client = SparseGridProcess.Start(folder.Path, "submit", "chaos.yaml", "--watch", "--folder", "grid");
            await Task.Delay(500, TestContext.Current.CancellationToken);
            client.Signal("KILL");
            return;
        }

        cluster.Signal(victim, what switch { 0 => "KILL", 1 => "STOP", _ => "TERM" });
        if (what == 1)
        {
            // Long enough to be taken for dead; then it wakes, with a stage half done.
            await Task.Delay(TimeSpan.FromSeconds(16), TestContext.Current.CancellationToken);
            cluster.Signal(victim, "CONT");
        }

        await cluster.Replace(victim, Checkpoints);
    }

    private async Task<IReadOnlyList<string>> Undisturbed()
    {
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "chaos.yaml", "--folder", "undisturbed", "--slots", "2", "--json");
        Assert.Equal(0, run.ExitCode);
        return new SweepRun(run.Document).Artifacts;
    }

    /// <summary>Stages that somebody still has the right to run.</summary>
    private static List<string> LeasesLeft(string grid)
    {
        using var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(grid, "grid.db")};Mode=ReadOnly");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "SELECT KeyText, Payload FROM GrainState WHERE GrainType LIKE '%stage%'";
        using var rows = command.ExecuteReader();
        var left = new List<string>();
        while (rows.Read())
        {
            using var state = JsonDocument.Parse((byte[])rows["Payload"]);
            if (state.RootElement.GetProperty("Owner").ValueKind != JsonValueKind.Null)
                left.Add($"{rows.GetString(0)}: {state.RootElement.GetProperty("Owner")}");
        }

        return left;
    }
}
