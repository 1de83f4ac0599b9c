using System.Diagnostics;
using System.Text.Json;
using SparseGrid.System.Tests.Kills;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>Silos and sweeps that are stopped in order: nothing is lost, nothing is made twice, and who has nothing to do with it does not notice.</summary>
public sealed class RestartTests : IDisposable
{
    // 1,797 images less a fifth for the test and 0.15 for validation, in batches of 64.
    private const int StepsPerEpoch = 19;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_rolling_restart_of_all_silos_changes_nothing_and_loses_no_step()
    {
        var rates = string.Join(", ", Enumerable.Range(0, LongRun.Asked ? 24 : 3).Select(rate => $"0.{100 + rate}"));
        folder.Write("roll.yaml", LongRun.Asked
            ? Specs.Descent(rates).Replace("sweep: descent", "sweep: roll")
            : Specs.Long(epochs: 30).Replace("sweep: long", "sweep: roll").Replace("learning_rate: 0.1", $"learning_rate: {{ choice: [{rates}] }}"));
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Start(LongRun.Asked ? ["a", "b", "c"] : ["a", "b"], "--set", "Checkpoints:Steps=4", "--set", "Checkpoints:CostShare=1");
        await using (await cluster.Client(0, "submit", "roll.yaml"))
        {
        }

        foreach (var silo in Enumerable.Repeat(cluster.Names, LongRun.Asked ? 4 : 1).SelectMany(names => names))
        {
            // In the middle of a training that it has begun or taken over: it has written a checkpoint.
            await SiloCluster.UntilLogged(
                () => cluster.StartedOn(silo) is [.., var stage] && IsTraining(stage) && Directory.Exists(Path.Combine(cluster.Grid, "checkpoints", stage.Split(' ')[1])), $"{silo} trains");
            cluster.Signal(silo, "TERM");
            Assert.Equal(0, (await cluster.Gone(silo)).ExitCode);
            await cluster.Start([silo], "--set", "Checkpoints:Steps=4", "--set", "Checkpoints:CostShare=1");
        }

        await cluster.Until("roll", status => status.GetProperty("state").GetString() != "active", "the sweep ended", TimeSpan.FromMinutes(10));
        var run = await cluster.Result("roll");
        Assert.All(run.Rows, row => Assert.Equal("finished", row.GetProperty("state").GetString()));
        Assert.Equal(await Embedded("roll.yaml"), run.Artifacts);
        var account = new StepAccount(StepsPerEpoch);
        Assert.Empty(account.Faults(cluster.Logged()));
        TestContext.Current.TestOutputHelper?.WriteLine($"stages stopped on the way and resumed: {account.Count}");
    }

    [Fact]
    public async Task A_sweep_that_is_stopped_loses_no_step_and_one_that_is_stopped_now_frees_its_slot_within_seconds()
    {
        folder.Write("long.yaml", Specs.Long(epochs: 80));
        folder.Write("quick.yaml", Specs.Quick());
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Start(["a"], "--set", "Checkpoints:Interval=01:00:00");
        await using (await cluster.Client(0, "submit", "long.yaml"))
        {
        }

        await cluster.Until("long", HasTrained(1), "some epochs are trained", TimeSpan.FromSeconds(60));
        await using (await cluster.Client(0, "stop", "long"))
        {
        }

        var account = new StepAccount(StepsPerEpoch);
        Assert.Empty(account.Faults(cluster.Logged()));
        Assert.Equal((1, 0), account.Count);

        await using (await cluster.Client(0, "resume", "long"))
        {
        }

        await cluster.Until("long", HasTrained(3), "some more are", TimeSpan.FromSeconds(60));
        Assert.Empty(account.Faults(cluster.Logged()));
        Assert.Equal((1, 1), account.Count);

        // Beside a run: its checkpoint, of a stage that is not done, and what it has used are no garbage.
        await using (var gc = await cluster.Client(0, "gc", "--age", "00:00:00", "--delete", "--json"))
            Assert.Empty(gc.Document.GetProperty("files").EnumerateArray());
        await using (var why = await cluster.Client(0, "why", "long", "0"))
            Assert.Contains("not made yet", why.Output);

        var watch = Stopwatch.StartNew();
        await using (var stopped = await cluster.Client(0, "stop", "long", "--now"))
            Assert.Contains("steps since then are lost", stopped.Output);
        TestContext.Current.TestOutputHelper?.WriteLine($"stop --now: {watch.Elapsed.TotalSeconds:0.0} s, with the start of the client");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));

        // The slot is free.
        await using (await cluster.Client(0, "submit", "quick.yaml", "--watch"))
        {
        }

        if (!LongRun.Asked)
            return;

        // The training goes on from the checkpoint of the first stop: the second wrote none.
        await using (await cluster.Client(0, "resume", "long"))
        {
        }

        await cluster.Until("long", status => status.GetProperty("state").GetString() == "finished", "it ended", TimeSpan.FromMinutes(3));
        Assert.NotEmpty(account.Faults(cluster.Logged()));
        Assert.Equal(await Embedded("long.yaml"), (await cluster.Result("long")).Artifacts);
    }

    [Fact]
    public async Task Silos_that_leave_without_running_it_disturb_no_run()
    {
        folder.Write("long.yaml", Specs.Long(epochs: LongRun.Asked ? 4000 : 400));
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Start(["a", "b", "c"]);
        await using (await cluster.Client(0, "submit", "long.yaml"))
        {
        }

        var worker = "";
        await cluster.Until("long", status => (worker = SiloOf(status)).Length > 0, "the training runs", TimeSpan.FromSeconds(60));
        var others = cluster.Names.Where(name => name != worker).ToArray();
        cluster.Signal(others[0], "TERM");
        Assert.Equal(0, (await cluster.Gone(others[0])).ExitCode);
        cluster.Signal(others[1], "KILL");
        await cluster.Gone(others[1]);

        // Long enough for the killed one to be declared dead, its grains to be taken over, and a run that was disturbed to begin again.
        await Task.Delay(TimeSpan.FromSeconds(LongRun.Asked ? 40 : 6), TestContext.Current.CancellationToken);
        double done = 0;
        await cluster.Until("long", status => (done = Done(status)) > 0, "the training is told of", TimeSpan.FromSeconds(60));
        await cluster.Until("long", status => Done(status) > done, "the training goes on", TimeSpan.FromSeconds(60));

        Assert.Equal(["train"], cluster.ExecutedStages().Select(stage => stage.Split(' ')[0]));
        Assert.Equal(1, Assert.Single(cluster.Records("variant")).State.GetProperty("Epoch").GetInt32());
        Assert.Equal(worker, Assert.Single(cluster.Names));
        await using (await cluster.Client(0, "stop", "long", "--now"))
        {
        }
    }

    private static Func<JsonElement, bool> HasTrained(double epochs) => status => Done(status) >= epochs;

    private static double Done(JsonElement status) => status.GetProperty("variants").EnumerateArray()
        .Where(variant => variant.GetProperty("stage").GetString() == "train").Select(variant => variant.GetProperty("done").GetDouble()).FirstOrDefault();

    private static string SiloOf(JsonElement status) =>
        status.GetProperty("variants").EnumerateArray().Select(variant => variant.GetProperty("silo").GetString()!).FirstOrDefault("");

    private static bool IsTraining(string stage) => stage.StartsWith("train ", StringComparison.Ordinal) || stage.StartsWith("finetune ", StringComparison.Ordinal);

    private async Task<IReadOnlyList<string>> Embedded(string spec)
    {
        await using var run = await SparseGridProcess.Run(folder.Path, "run", spec, "--folder", "embedded", "--slots", "2", "--json");
        Assert.Equal(0, run.ExitCode);
        return new SweepRun(run.Document).Artifacts;
    }
}
