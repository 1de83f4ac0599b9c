using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using SparseGrid.Grains;
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

    private static Exception Travelled(Exception fault)
    {
        using var services = new ServiceCollection().AddSerializer().AddGridFaults().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        return serializer.Deserialize<Exception>(serializer.SerializeToArray(fault))!;
    }
}
