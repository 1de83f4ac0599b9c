using System.Diagnostics;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>Silos that are started before their Redis, and commands while it is down.</summary>
public sealed class LateRedisTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_silo_that_is_started_before_its_Redis_says_what_it_waits_for_and_joins_when_it_comes()
    {
        Assert.SkipWhen(RedisServer.WhyNot is not null, RedisServer.WhyNot ?? "");
        await using var redis = RedisServer.Ready(Path.Combine(folder.Path, "redis"));
        await using var cluster = new SiloCluster(folder.Path, "--redis", redis.Address);
        await using var silo = SparseGridProcess.Start(folder.Path, "silo", "--folder", "grid", "--name", "a", "--redis", redis.Address, "--wait", "120");
        await silo.Until(() => silo.Error.Contains("waiting"), "it waits");
        Assert.Matches($"^Redis {redis.Address} does not answer yet; waiting up to 1[12][0-9] s more for it.$", silo.ErrorLines.First());
        Assert.DoesNotContain("has joined", silo.Output);

        await redis.Start();

        await cluster.Take("a", silo);
        Assert.Contains(silo.ErrorLines, line => line.StartsWith($"Redis {redis.Address} answers, ", StringComparison.Ordinal));
        await using (await cluster.Client(0, "ls"))
        {
        }

        cluster.Signal("a", "TERM");
        Assert.Equal(0, (await cluster.Gone("a")).ExitCode);
    }

    [Fact]
    public async Task A_silo_whose_Redis_does_not_come_ends_after_its_time_with_an_error_that_names_the_server_and_no_password()
    {
        var redis = RedisServer.Ready(Path.Combine(folder.Path, "redis")).Address;
        await using var silo = await SparseGridProcess.Run(folder.Path, "silo", "--folder", "grid", "--name", "a", "--redis", $"{redis},password=hush", "--wait", "2");

        Assert.Equal(2, silo.ExitCode);
        Assert.Matches($"^Redis {redis} cannot be used: .+ Start it, or make it reachable. .+ It was waited for [0-9]+ s.$", silo.ErrorLines.Last());
        Assert.StartsWith($"Redis {redis} does not answer yet; waiting up to ", silo.ErrorLines.First());
        Assert.DoesNotContain("hush", silo.Error + silo.Output);
        Assert.DoesNotContain("has joined", silo.Output);
    }

    [Theory]
    [InlineData("ls")]
    [InlineData("gc")]
    public async Task A_command_ends_within_seconds_where_its_Redis_is_down_and_names_the_server_and_no_password(string command)
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "grid"));
        var redis = RedisServer.Ready(Path.Combine(folder.Path, "redis")).Address;
        var watch = Stopwatch.StartNew();
        await using var client = await SparseGridProcess.Run(folder.Path, command, "--folder", "grid", "--redis", $"{redis},password=hush");

        // Five of them are the time that a Redis has to answer.
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        TestContext.Current.TestOutputHelper?.WriteLine($"{command}: {watch.Elapsed.TotalSeconds:0.0} s, with the start of the client");
        Assert.Equal(2, client.ExitCode);
        Assert.Matches($"^Redis {redis} cannot be used: .+ Start it, or make it reachable.", Assert.Single(client.ErrorLines));
        Assert.DoesNotContain("hush", client.Error + client.Output);
    }
}
