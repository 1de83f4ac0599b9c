using StackExchange.Redis;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>A record on a real Redis that this program cannot read.</summary>
public sealed class RedisRecordTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("{\"Schema\":99}", "A stored sweep record is of schema version 99, and this program knows versions up to ")]
    [InlineData("{\"Schema\":2,", "its stored record cannot be read, and was left as it is (")]
    public async Task Is_named_by_the_grid_and_is_no_trouble_of_Redis(string record, string told)
    {
        Assert.SkipWhen(RedisServer.WhyNot is not null, RedisServer.WhyNot ?? "");
        await using var redis = await RedisServer.Start(Path.Combine(folder.Path, "redis"));
        await using (var connection = await ConnectionMultiplexer.ConnectAsync(redis.Address))
            await connection.GetDatabase().HashSetAsync("sparsegrid/state/sweep/night/sweep", [new("data", record), new("etag", "1")]);
        await using var cluster = new SiloCluster(folder.Path, "--redis", redis.Address);
        await cluster.Start(["a"]);

        await using var why = await cluster.Client(2, "why", "night", "0");

        Assert.StartsWith($"sweep/night: {told}", Assert.Single(why.ErrorLines));
    }
}
