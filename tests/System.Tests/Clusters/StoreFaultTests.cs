using Microsoft.Data.Sqlite;
using SparseGrid.System.Tests.Kills;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>
/// Where the records are: a real Redis, which gives the same artifacts whatever dies and may itself be gone for a while, and a database that another program holds locked.
/// </summary>
public sealed class StoreFaultTests(DescentFixture embedded) : IClassFixture<DescentFixture>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Two_silos_of_which_one_is_killed_give_the_artifacts_of_an_embedded_run()
    {
        Assert.SkipWhen(RedisServer.WhyNot is not null, RedisServer.WhyNot ?? "");
        folder.Write("descent.yaml", Specs.Descent());
        await using var redis = await RedisServer.Start(Path.Combine(folder.Path, "redis"));
        await using var cluster = new SiloCluster(folder.Path, "--redis", redis.Address);
        await cluster.Start(["a", "b"]);
        await using (await cluster.Client(0, "submit", "descent.yaml"))
        {
        }

        var first = "";
        // From the logs: the whole sweep takes little longer than one look of a client.
        await SiloCluster.UntilLogged(() => (first = cluster.Logged().FirstOrDefault(entry => entry.Line.Contains(" runs train ", StringComparison.Ordinal)).Silo ?? "").Length > 0, "the training runs");
        cluster.Signal(first, "KILL");
        Assert.Equal(137, (await cluster.Gone(first)).ExitCode);

        await cluster.Until("descent", status => status.GetProperty("state").GetString() == "finished", "the sweep ended", TimeSpan.FromMinutes(2));
        Assert.Equal(embedded.Artifacts, (await cluster.Result("descent")).Artifacts);
        Assert.False(File.Exists(Path.Combine(cluster.Grid, "grid.db")));
    }

    [Fact]
    public async Task A_database_that_another_program_locks_for_a_while_costs_no_result_and_ends_no_silo()
    {
        folder.Write("descent.yaml", Specs.Descent());
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Start(["a"]);
        await using var watch = SparseGridProcess.Start(folder.Path, "submit", "descent.yaml", "--watch", "--folder", "grid");
        await watch.Until(() => watch.Output.Contains("train started"), "the training runs");

        using (var database = new SqliteConnection($"Data Source={Path.Combine(cluster.Grid, "grid.db")};Pooling=False"))
        {
            database.Open();
            using var command = database.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            command.ExecuteNonQuery();
            await Task.Delay(TimeSpan.FromSeconds(LongRun.Asked ? 45 : 6), TestContext.Current.CancellationToken);
        }

        await watch.Ended();
        Assert.True(watch.ExitCode == 0, $"{watch.Output}\n{watch.Error}");
        Assert.Equal(embedded.Artifacts, (await cluster.Result("descent")).Artifacts);
        cluster.Signal("a", "TERM");
        Assert.Equal(0, (await cluster.Gone("a")).ExitCode);
    }

    [Theory]
    [InlineData("STOP")] // It hangs: connections stay, nothing answers.
    [InlineData("KILL")] // It is gone and comes back with its append-only file.
    public async Task A_Redis_that_is_away_for_a_while_costs_no_result_and_ends_no_silo(string how)
    {
        Assert.SkipWhen(RedisServer.WhyNot is not null, RedisServer.WhyNot ?? "");
        Assert.SkipWhen(how == "STOP" && !LongRun.Asked, "Takes a minute; runs where SPARSEGRID_LONG is 1.");
        folder.Write("descent.yaml", Specs.Descent());
        await using var redis = await RedisServer.Start(Path.Combine(folder.Path, "redis"));
        await using var cluster = new SiloCluster(folder.Path, "--redis", redis.Address);
        await cluster.Start(["a", "b"]);
        await using var watch = SparseGridProcess.Start(folder.Path, "submit", "descent.yaml", "--watch", "--folder", "grid", "--redis", redis.Address);
        await watch.Until(() => watch.Output.Contains("train started"), "the training runs");

        if (how == "STOP")
            redis.Signal("STOP");
        else
            await redis.Kill();
        await using (var list = await SparseGridProcess.Run(folder.Path, "ls", "--folder", "grid", "--redis", redis.Address))
        {
            Assert.Equal(2, list.ExitCode);
            Assert.Matches($"^Redis {redis.Address} cannot be used: .+ Start it, or make it reachable. What was committed is kept, and sweeps go on by themselves when it answers.$", Assert.Single(list.ErrorLines));
        }

        await Task.Delay(TimeSpan.FromSeconds(LongRun.Asked ? 30 : 10), TestContext.Current.CancellationToken);
        Assert.Contains(cluster.Names.SelectMany(name => File.ReadLines(Path.Combine(cluster.Grid, $"{name}.log"))), line => line.Contains($"Redis {redis.Address} cannot be used"));
        if (how == "STOP")
            redis.Signal("CONT");
        else
            await redis.Start();

        await watch.Ended();
        Assert.True(watch.ExitCode == 0, $"{watch.Output}\n{watch.Error}");
        Assert.Equal(embedded.Artifacts, (await cluster.Result("descent")).Artifacts);
        foreach (var name in cluster.Names.ToArray())
        {
            cluster.Signal(name, "TERM");
            Assert.Equal(0, (await cluster.Gone(name)).ExitCode);
        }
    }
}
