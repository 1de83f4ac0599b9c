using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace SparseGrid.Benchmarks.Grid;

/// <summary>The silo's grain storage, with every read and write counted and timed by the name of the state.</summary>
internal sealed class CountedStorage(IGrainStorage storage, StorageTimes times) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        times.Reads.AddOrUpdate(stateName, 1, (_, count) => count + 1);
        await storage.ReadStateAsync(stateName, grainId, grainState);
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var began = Stopwatch.GetTimestamp();
        await storage.WriteStateAsync(stateName, grainId, grainState);
        times.Writes.GetOrAdd(stateName, _ => []).Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => storage.ClearStateAsync(stateName, grainId, grainState);

    public void Participate(ISiloLifecycle lifecycle) => (storage as ILifecycleParticipant<ISiloLifecycle>)?.Participate(lifecycle);

    /// <summary>Puts itself before the storage that the silo has.</summary>
    public static void Count(IServiceCollection services, StorageTimes times)
    {
        const string Default = "Default";
        var chosen = services.Last(service => service.ServiceType == typeof(IGrainStorage) && service.IsKeyedService && service.ServiceKey is Default);
        services.Remove(chosen);
        services.AddKeyedSingleton<IGrainStorage>(
            Default, (provider, key) => new CountedStorage((IGrainStorage)chosen.KeyedImplementationFactory!(provider, key), times));
    }
}

/// <summary>Reads, and milliseconds of each write, by the name of the state.</summary>
internal sealed class StorageTimes
{
    public ConcurrentDictionary<string, int> Reads { get; } = new();

    public ConcurrentDictionary<string, ConcurrentBag<double>> Writes { get; } = new();

    public void Clear()
    {
        Reads.Clear();
        Writes.Clear();
    }
}
