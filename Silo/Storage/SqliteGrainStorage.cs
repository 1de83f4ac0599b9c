using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Storage;

namespace SparseGrid.Silo.Storage;

/// <summary>
/// Grain storage on the grid's database, in the tables that <see cref="SqliteSchema"/> installs for the ADO.NET provider, and like it state for state: folders
/// of either open with the other. Writes are committed in groups by one thread; reads go by connections of their own, which in WAL mode wait for nobody.
/// </summary>
internal sealed class SqliteGrainStorage(string connectionString, string service, IGrainStorageSerializer serializer)
    : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly SqliteWriter writer = new(connectionString, service);
    private readonly ConcurrentBag<SqliteSession> readers = [];

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (!readers.TryTake(out var session))
            session = new(connectionString, service);

        (byte[]? Payload, long Version)? row;
        try
        {
            row = session.Read(StateKey.Of(stateName, grainId));
        }
        catch
        {
            session.Dispose();
            throw;
        }

        readers.Add(session);
        grainState.ETag = row is { Version: var version } ? Text(version) : null;
        grainState.RecordExists = row?.Payload is not null;
        grainState.State = row is { Payload: { } payload } ? serializer.Deserialize<T>(new(payload)) : Activator.CreateInstance<T>();
        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var payload = serializer.Serialize(grainState.State).ToMemory();
        grainState.ETag = await Changed(SqliteStatement.Write, stateName, grainId, payload, grainState.ETag);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        // Nothing was ever written: nothing is to be cleared.
        if (grainState.ETag is not null)
            grainState.ETag = await Changed(SqliteStatement.Clear, stateName, grainId, null, grainState.ETag);

        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
    }

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(SqliteGrainStorage), ServiceLifecycleStage.RuntimeStorageServices, _ => Task.CompletedTask, _ => Task.Run(Dispose, CancellationToken.None));

    /// <summary>Writes what waits, and closes the database. Safe to repeat.</summary>
    public void Dispose()
    {
        writer.Dispose();
        while (readers.TryTake(out var session))
            session.Dispose();
    }

    private async Task<string> Changed(SqliteStatement statement, string stateName, GrainId grainId, ReadOnlyMemory<byte>? payload, string? etag)
    {
        long? version = etag is null ? null : long.Parse(etag, CultureInfo.InvariantCulture);
        return await writer.Write(new(statement, StateKey.Of(stateName, grainId), payload, version)) is { } next
            ? Text(next)
            : throw new InconsistentStateException(
                $"State {stateName} of {grainId} has another version than {etag ?? "none"}: it was written elsewhere meanwhile.", storedEtag: "", currentEtag: etag);
    }

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);
}
