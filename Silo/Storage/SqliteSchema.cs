using Microsoft.Data.Sqlite;

namespace SparseGrid.Silo.Storage;

/// <summary>
/// Our own tables and statements for Orleans' ADO.NET grain storage, reminders and clustering on SQLite. The providers read the statements by key from
/// <c>OrleansQuery</c>; so each start of a silo installs those it was built with. One host only: SQLite is never shared over a network.
/// </summary>
public static class SqliteSchema
{
    /// <summary>The invariant name that makes the providers load Microsoft.Data.Sqlite.</summary>
    public const string Invariant = "System.Data.SQLite";

    // Raised when an older program could not read what this one writes.
    private const long Version = 1;

    // WAL is a property of the file: readers and the one writer do not wait for each other, and a commit is one fsync.
    private const string Tables = """
        PRAGMA journal_mode = WAL;

        CREATE TABLE IF NOT EXISTS OrleansQuery (
            QueryKey TEXT NOT NULL PRIMARY KEY,
            QueryText TEXT NOT NULL);

        CREATE TABLE IF NOT EXISTS GrainState (
            ServiceId TEXT NOT NULL,
            GrainType TEXT NOT NULL,
            KeyN0 INTEGER NOT NULL,
            KeyN1 INTEGER NOT NULL,
            KeyText TEXT NOT NULL,
            Payload BLOB,
            Version INTEGER NOT NULL,
            PRIMARY KEY (ServiceId, GrainType, KeyN0, KeyN1, KeyText)) WITHOUT ROWID;

        CREATE TABLE IF NOT EXISTS Reminder (
            ServiceId TEXT NOT NULL,
            GrainId TEXT NOT NULL,
            Name TEXT NOT NULL,
            StartTime TEXT NOT NULL,
            Period INTEGER NOT NULL,
            GrainHash INTEGER NOT NULL,
            Version INTEGER NOT NULL,
            PRIMARY KEY (ServiceId, GrainId, Name)) WITHOUT ROWID;

        PRAGMA user_version = 1;
        """;

    /// <summary>How the providers open a database file.</summary>
    public static string ConnectionString(string file) => new SqliteConnectionStringBuilder { DataSource = file }.ToString();

    /// <summary>Makes the database file where there is none, and installs tables and statements. Safe to repeat.</summary>
    /// <returns>The connection string for the providers.</returns>
    /// <exception cref="GridDatabaseException">The file is no database, damaged, of a newer version, or cannot be written.</exception>
    public static string Install(string file)
    {
        var connectionString = ConnectionString(file);
        try
        {
            Install(file, connectionString);
            return connectionString;
        }
        catch (SqliteException fault)
        {
            // A connection that is kept would keep the file open, too.
            SqliteConnection.ClearAllPools();
            throw GridDatabaseException.Of(file, fault);
        }
    }

    private static void Install(string file, string connectionString)
    {
        using var connection = new SqliteConnection(connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        Check(file, command);
        command.CommandText = Tables + MembershipSchema.Tables;
        command.ExecuteNonQuery();

        using var transaction = connection.BeginTransaction();
        command.Transaction = transaction;
        command.CommandText = "INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ($key, $text) ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText";
        var (key, text) = (command.Parameters.Add("$key", SqliteType.Text), command.Parameters.Add("$text", SqliteType.Text));
        foreach (var query in (ReadOnlySpan<(string Key, string Text)>)[.. StateQueries.All, .. ReminderQueries.All, .. MembershipSchema.Queries])
        {
            (key.Value, text.Value) = (query.Key, query.Text);
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private static void Check(string file, SqliteCommand command)
    {
        command.CommandText = "PRAGMA user_version";
        if (command.ExecuteScalar() is long version and > Version)
        {
            throw new GridDatabaseException(
                $"{file}: the database is of version {version}, and this program knows versions up to {Version}. "
                + "Use the program that wrote it, or choose another folder.");
        }

        // Cheap beside a start (some milliseconds a megabyte), and the only way to hear of a damaged page before something is read from it.
        command.CommandText = "PRAGMA quick_check(1)";
        if (command.ExecuteScalar() is string found and not "ok")
            throw new SqliteException(found, 11);
    }
}
