using Microsoft.Data.Sqlite;
using SparseGrid.Grains.Collection;
using StackExchange.Redis;

namespace SparseGrid.Silo.Storage;

/// <summary>All state records of a grid, read from under its silos: grain storage itself cannot be listed.</summary>
public static class StateRecords
{
    /// <summary>Those of a folder's database, as of one moment.</summary>
    /// <exception cref="GridDatabaseException">The database cannot be read.</exception>
    public static IReadOnlyCollection<StoredRecord> OfDatabase(string file)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT GrainType, KeyN0, KeyN1, KeyText, Payload FROM GrainState WHERE length(Payload) > 0";
            using var rows = command.ExecuteReader();
            var records = new List<StoredRecord>();
            while (rows.Read())
                records.Add(new(rows.GetString(0), new StateKey(rows.GetString(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetString(3)).Key, (byte[])rows[4]));
            return records;
        }
        catch (SqliteException fault)
        {
            throw GridDatabaseException.Of(file, fault);
        }
    }

    /// <summary>
    /// Those of a cluster's Redis. They are read one after the other while silos go on writing: what is written meanwhile is younger than any age that garbage must have.
    /// </summary>
    /// <exception cref="IOException">Redis cannot be read.</exception>
    /// <exception cref="InvalidDataException">A record has a key of another form.</exception>
    public static IReadOnlyCollection<StoredRecord> OfRedis(string redis)
    {
        try
        {
            using var connection = ConnectionMultiplexer.Connect(redis);
            var database = connection.GetDatabase();
            var records = new List<StoredRecord>();
            foreach (var key in connection.GetServers().Where(server => !server.IsReplica).SelectMany(server => server.Keys(database.Database, $"{Profiles.Service}/state/*")))
            {
                // sparsegrid/state/KIND/KEY/STATE, as the provider writes it. A record that a grain has cleared is empty.
                if (key.ToString().Split('/') is not [_, _, var kind, var name, _])
                    throw new InvalidDataException($"Redis has a record {key} whose key is not of the form {Profiles.Service}/state/KIND/KEY/STATE, so nobody knows what it is; nothing was deleted.");
                if ((byte[]?)database.HashGet(key, "data") is { Length: > 0 } payload)
                    records.Add(new(kind, name, payload));
            }

            return records;
        }
        catch (Exception fault) when (fault is RedisException or TimeoutException)
        {
            throw RedisFault.Of(redis, fault);
        }
    }
}
