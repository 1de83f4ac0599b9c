using Microsoft.Data.Sqlite;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Silo.Tests.Storage;

/// <summary>The statements that Orleans runs on the membership table, as it runs them.</summary>
public sealed class MembershipTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly SqliteConnection connection;

    public MembershipTests()
    {
        var file = Path.Combine(folder.Path, "grid.db");
        connection = new(SqliteSchema.Install(file));
        connection.Open();
    }

    public void Dispose()
    {
        connection.Dispose();
        SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    [Fact]
    public void Each_change_needs_the_version_it_was_decided_on_and_raises_it_by_one()
    {
        Assert.Equal(1L, Run("InsertMembershipVersionKey"));
        Assert.Equal(0L, Run("InsertMembershipVersionKey"));
        Assert.Equal(0L, Insert(port: 1, version: 7));
        Assert.Equal(1L, Insert(port: 1, version: 0));
        Assert.Equal(0L, Insert(port: 2, version: 0));
        Assert.Equal(0L, Insert(port: 1, version: 1)); // It is there already.
        Assert.Equal(1L, Insert(port: 2, version: 1));
        Assert.Equal(0L, Update(port: 1, version: 1));
        Assert.Equal(1L, Update(port: 1, version: 2));
        Assert.Equal(0L, Update(port: 3, version: 3));
        Assert.Equal(3L, Version());
    }

    [Fact]
    public void A_sign_of_life_is_no_change()
    {
        Run("InsertMembershipVersionKey");
        Insert(port: 1, version: 0);
        Run("UpdateIAmAlivetimeKey", ("@Address", "127.0.0.1"), ("@Port", 1), ("@Generation", 1), ("@IAmAliveTime", "2030-01-01 00:00:00"));

        Assert.Equal(1L, Version());
        Assert.Equal("2030-01-01 00:00:00", Scalar("SELECT IAmAliveTime FROM Membership"));
    }

    [Fact]
    public void Silos_that_are_dead_for_long_are_cleaned_away_and_living_ones_never()
    {
        Run("InsertMembershipVersionKey");
        Insert(port: 1, version: 0);
        Insert(port: 2, version: 1);
        Update(port: 2, version: 2, status: 6);
        Run("CleanupDefunctSiloEntriesKey", ("@IAmAliveTime", "2031-01-01 00:00:00"));

        Assert.Equal(1L, Scalar("SELECT Port FROM Membership"));
        Assert.Equal(1L, Scalar("SELECT count(*) FROM Membership"));
    }

    private object? Insert(int port, int version) => Run(
        "InsertMembershipKey",
        ("@Address", "127.0.0.1"), ("@Port", port), ("@Generation", 1), ("@SiloName", "a"), ("@HostName", "h"), ("@Status", 3), ("@ProxyPort", 30000 + port),
        ("@StartTime", "2026-01-01 00:00:00"), ("@IAmAliveTime", "2026-01-01 00:00:00"), ("@Version", version));

    private object? Update(int port, int version, int status = 3) => Run(
        "UpdateMembershipKey",
        ("@Address", "127.0.0.1"), ("@Port", port), ("@Generation", 1), ("@Status", status), ("@SuspectTimes", ""), ("@IAmAliveTime", "2026-01-01 00:00:01"),
        ("@Version", version));

    private object? Version() => Scalar("SELECT Version FROM MembershipVersion");

    private object? Run(string key, params (string Name, object Value)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = (string)Scalar($"SELECT QueryText FROM OrleansQuery WHERE QueryKey = '{key}'")!;
        command.Parameters.AddWithValue("@DeploymentId", "host");
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command.ExecuteScalar();
    }

    private object? Scalar(string query)
    {
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return command.ExecuteScalar();
    }
}
