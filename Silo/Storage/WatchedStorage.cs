using Microsoft.Data.Sqlite;
using Orleans.Storage;

namespace SparseGrid.Silo.Storage;

/// <summary>Grain storage on the grid's database, whose faults are told in a user's words and noted.</summary>
internal sealed class WatchedStorage(IGrainStorage storage, string file, StoreHealth health) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Watched(writes: false, async () =>
        {
            try
            {
                await storage.ReadStateAsync(stateName, grainId, grainState);
            }
            catch (Exception fault) when (UnreadableRecord.Of(fault, grainId) is not null)
            {
                throw UnreadableRecord.Of(fault, grainId)!;
            }
        });

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Watched(writes: true, () => storage.WriteStateAsync(stateName, grainId, grainState));

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Watched(writes: true, () => storage.ClearStateAsync(stateName, grainId, grainState));

    public void Participate(ISiloLifecycle lifecycle) => (storage as ILifecycleParticipant<ISiloLifecycle>)?.Participate(lifecycle);

    /// <summary>Puts itself before the storage that the configuration chose.</summary>
    public static void Watch(IServiceCollection services, string file)
    {
        const string Default = "Default";
        var chosen = services.Last(service => service.ServiceType == typeof(IGrainStorage) && service.IsKeyedService && service.ServiceKey is Default);
        services.Remove(chosen);
        services.AddKeyedSingleton<IGrainStorage>(Default, (provider, key) => new WatchedStorage(
            (IGrainStorage)chosen.KeyedImplementationFactory!(provider, key), file, provider.GetRequiredService<StoreHealth>()));
        services.AddSingleton<StoreHealth>();
    }

    private async Task Watched(bool writes, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (SqliteException fault)
        {
            var told = GridDatabaseException.Of(file, fault);
            health.Failed(told);
            throw told;
        }

        // A full disk can still be read.
        if (writes)
            health.Worked();
    }
}
