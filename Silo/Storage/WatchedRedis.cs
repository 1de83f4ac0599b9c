using Orleans.Storage;
using StackExchange.Redis;

namespace SparseGrid.Silo.Storage;

/// <summary>Grain storage on a cluster's Redis, whose faults are told in a user's words. Conflicts pass as they are.</summary>
internal sealed class WatchedRedis(IGrainStorage storage, string redis) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Told(grainId, () => storage.ReadStateAsync(stateName, grainId, grainState));

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Told(grainId, () => storage.WriteStateAsync(stateName, grainId, grainState));

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Told(grainId, () => storage.ClearStateAsync(stateName, grainId, grainState));

    public void Participate(ISiloLifecycle lifecycle) => (storage as ILifecycleParticipant<ISiloLifecycle>)?.Participate(lifecycle);

    /// <summary>Puts itself before the storage that the configuration chose.</summary>
    public static void Watch(IServiceCollection services, string redis)
    {
        const string Default = "Default";
        var chosen = services.Last(service => service.ServiceType == typeof(IGrainStorage) && service.IsKeyedService && service.ServiceKey is Default);
        services.Remove(chosen);
        services.AddKeyedSingleton<IGrainStorage>(Default, (provider, key) => new WatchedRedis((IGrainStorage)chosen.KeyedImplementationFactory!(provider, key), redis));
    }

    private async Task Told(GrainId grain, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception fault) when (fault is Orleans.Persistence.Redis.RedisStorageException or RedisException or RedisTimeoutException)
        {
            // The provider says of either that the state could not be fetched.
            throw UnreadableRecord.Of(fault, grain) ?? RedisFault.Of(redis, fault);
        }
    }
}
