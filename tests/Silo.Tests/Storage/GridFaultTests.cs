using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Storage;
using SparseGrid.Grains;
using SparseGrid.Grains.States;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Silo.Tests.Storage;

/// <summary>What a store says, as another silo hears it.</summary>
public sealed class GridFaultTests
{
    [Fact]
    public void A_database_fault_keeps_its_words_on_the_way_to_another_silo()
    {
        var fault = new OrleansException("Error from storage provider", GridDatabaseException.Of("/grid/grid.db", new SqliteException("database is locked", 5)));

        var heard = Travelled(fault);

        Assert.StartsWith("/grid/grid.db: another program holds the database locked.", heard.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Redis_fault_is_told_in_one_sentence_without_a_password_and_arrives_as_a_store_s()
    {
        var timeout = new StackExchange.Redis.RedisTimeoutException("Timeout awaiting response (outbound=0KiB), command=EVAL, inst: 0, qu: 0", StackExchange.Redis.CommandStatus.Unknown);
        var fault = RedisFault.Of("cache:6379,password=secret", timeout);

        Assert.Equal(
            "Redis cache:6379 cannot be used: Timeout awaiting response (outbound=0KiB). Start it, or make it reachable. What was committed is kept, and sweeps go on by themselves when it answers.",
            fault.Message);
        Assert.IsType<IOException>(Travelled(new OrleansException("Error from storage provider", fault)).InnerException);
    }

    [Fact]
    public async Task A_record_on_Redis_that_cannot_be_read_is_told_as_that_and_not_as_a_Redis_that_is_away()
    {
        var grain = GrainId.Create("sweep", "night");
        var newer = await Assert.ThrowsAsync<NewerStateException>(() => Read(grain, NewerStateException.Of("sweep", 99, 2)));
        Assert.StartsWith("sweep/night: A stored sweep record is of schema version 99, and this program knows versions up to 2", newer.Message);

        var damaged = await Assert.ThrowsAsync<JsonException>(() => Read(grain, new JsonException("'x' is an invalid start of a value. Path: $")));
        Assert.StartsWith("sweep/night: its stored record cannot be read, and was left as it is ('x' is an invalid start of a value", damaged.Message);

        await Assert.ThrowsAsync<IOException>(() => Read(grain, new StackExchange.Redis.RedisException("gone")));
    }

    private static Task Read(GrainId grain, Exception fault) => new WatchedRedis(new FailingStorage(fault), "cache:6379").ReadStateAsync("sweep", grain, new GrainState<object>());

    /// <summary>Fails as Orleans' provider for Redis does, whatever the fault.</summary>
    private sealed class FailingStorage(Exception fault) : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            Task.FromException(new Orleans.Persistence.Redis.RedisStorageException($"Failed to read grain state for {stateName} with ID {grainId} and storage key a/b. {fault}"));

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();
    }

    private static Exception Travelled(Exception fault)
    {
        using var services = new ServiceCollection().AddSerializer().AddGridFaults().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        return serializer.Deserialize<Exception>(serializer.SerializeToArray(fault))!;
    }
}
