using Microsoft.Data.Sqlite;

namespace SparseGrid.Silo.Storage;

/// <summary>One connection to the grid's database with its statements prepared; used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    // Other processes of this machine write the same file, each for a moment. SQLite's own wait looks again after some milliseconds; the driver's, after 150.
    private const string Settings = "PRAGMA busy_timeout = 30000; PRAGMA synchronous = FULL;";

    private readonly SqliteConnection connection;
    private readonly SqliteCommand begin;
    private readonly SqliteCommand commit;
    private readonly SqliteCommand write;
    private readonly SqliteCommand clear;
    private readonly SqliteCommand read;

    /// <summary>Opens the database.</summary>
    /// <param name="service">The grid's service id, part of every key.</param>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public SqliteSession(string connectionString, string service)
    {
        connection = new(new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        connection.Open();
        using (var settings = Command(Settings))
            settings.ExecuteNonQuery();

        (begin, commit) = (Command("BEGIN IMMEDIATE"), Command("COMMIT"));
        (write, clear, read) = (Keyed(StateQueries.Write, service), Keyed(StateQueries.Clear, service), Keyed(StateQueries.Read, service));
        foreach (var changing in new[] { write, clear })
            changing.Parameters.Add("@GrainStateVersion", SqliteType.Integer);
        write.Parameters.Add("@PayloadBinary", SqliteType.Blob);
    }

    /// <summary>Makes the changes in one transaction.</summary>
    /// <returns>The new version of each; null where its state has another version than was asked for, and is left as it was.</returns>
    public long?[] Commit(List<SqliteWrite> batch)
    {
        var versions = new long?[batch.Count];
        begin.ExecuteNonQuery();
        for (var i = 0; i < batch.Count; i++)
            versions[i] = Change(batch[i]);
        commit.ExecuteNonQuery();
        return versions;
    }

    /// <summary>The state and its version; null where there is none. A cleared one has a version and no bytes.</summary>
    public (byte[]? Payload, long Version)? Read(StateKey key)
    {
        Place(read, key);
        using var row = read.ExecuteReader();
        return row.Read() ? (row.IsDBNull(0) ? null : (byte[])row.GetValue(0), row.GetInt64(1)) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private long? Change(SqliteWrite change)
    {
        var command = change.Statement == SqliteStatement.Write ? write : clear;
        Place(command, change.Key);
        command.Parameters["@GrainStateVersion"].Value = change.Version is { } version ? version : DBNull.Value;
        if (change.Payload is { } payload)
            command.Parameters["@PayloadBinary"].Value = payload.ToArray();
        return (long?)command.ExecuteScalar();
    }

    private static void Place(SqliteCommand command, StateKey key)
    {
        command.Parameters["@GrainTypeString"].Value = key.Type;
        command.Parameters["@GrainIdN0"].Value = key.N0;
        command.Parameters["@GrainIdN1"].Value = key.N1;
        command.Parameters["@GrainIdExtensionString"].Value = key.Text;
    }

    private SqliteCommand Keyed(string text, string service)
    {
        var command = Command(text);
        command.Parameters.AddWithValue("@ServiceId", service);
        command.Parameters.Add("@GrainTypeString", SqliteType.Text);
        command.Parameters.Add("@GrainIdN0", SqliteType.Integer);
        command.Parameters.Add("@GrainIdN1", SqliteType.Integer);
        command.Parameters.Add("@GrainIdExtensionString", SqliteType.Text);
        return command;
    }

#pragma warning disable CA2100 // The texts are constants of this program.
    private SqliteCommand Command(string text) => new(text, connection);
#pragma warning restore CA2100
}
