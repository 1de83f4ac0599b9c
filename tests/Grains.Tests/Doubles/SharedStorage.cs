using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Storage;
using SparseGrid.Grains.Collection;

namespace SparseGrid.Grains.Tests.Doubles;

/// <summary>
/// Grain storage that outlives each silo of a test's grid, as a database does. Orleans' own storage in memory lives in grains: what they hold is lost with
/// the silo that they happen to be on.
/// </summary>
public sealed class SharedStorage
{
    private readonly ConcurrentDictionary<(string State, GrainId Grain), (string ETag, byte[] Payload)> rows = new();
    private int writes;

    /// <summary>Called before each write with the state's name and the number of the write; may throw.</summary>
    public Action<string, int> BeforeWrite { get; set; } = (_, _) => { };

    /// <summary>Called after each write that took place, with the same; may throw: then the writer does not hear that it did.</summary>
    public Action<string, int> AfterWrite { get; set; } = (_, _) => { };

    /// <summary>Writes that were begun.</summary>
    public int Writes => writes;

    /// <summary>Every record of a state, as text.</summary>
    public IEnumerable<string> All(string state) => rows.Where(row => row.Key.State == state).Select(row => System.Text.Encoding.UTF8.GetString(row.Value.Payload));

    /// <summary>Puts a record there as if a silo had written it.</summary>
    public void Put(string state, GrainId grain, byte[] payload) => rows[(state, grain)] = ("put", payload);

    /// <summary>All records, as a garbage collection reads them.</summary>
    public IReadOnlyCollection<StoredRecord> All() => [.. rows.Select(row => new StoredRecord(row.Key.State, row.Key.Grain.Key.ToString()!, row.Value.Payload))];

    /// <summary>A record's bytes.</summary>
    public byte[] Stored(string state, GrainId grain) => rows[(state, grain)].Payload;

    /// <summary>Makes it a silo's default, with the form of stored state that the silo is configured for.</summary>
    public void AddTo(ISiloBuilder silo) => silo.Services.AddGrainStorage(
        ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, (services, _) => new OfSilo(this, services.GetRequiredService<IOptions<SystemTextJsonGrainStorageSerializerOptions>>().Value.JsonSerializerOptions));

    /// <summary>The stored texts of all grains' states of that name, by grain.</summary>
    public IReadOnlyDictionary<GrainId, string> Texts(string state) =>
        rows.Where(row => row.Key.State == state).ToDictionary(row => row.Key.Grain, row => Encoding.UTF8.GetString(row.Value.Payload));

    /// <summary>Puts another text in a state's place, or takes it away, while no grain has it.</summary>
    public void Replace(string state, GrainId grain, string? text)
    {
        if (text is null)
            rows.TryRemove((state, grain), out _);
        else
            rows[(state, grain)] = ("replaced", Encoding.UTF8.GetBytes(text));
    }

    /// <summary>The storage by itself, for what needs no silo.</summary>
    public IGrainStorage Of() => new OfSilo(this, new());

    private sealed class OfSilo(SharedStorage shared, JsonSerializerOptions json) : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            var found = shared.rows.TryGetValue((stateName, grainId), out var row);
            (grainState.RecordExists, grainState.ETag) = (found, found ? row.ETag : null);
            grainState.State = found ? JsonSerializer.Deserialize<T>(row.Payload, json)! : Activator.CreateInstance<T>();
            return Task.CompletedTask;
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            var number = Interlocked.Increment(ref shared.writes);
            shared.BeforeWrite(stateName, number);
            var (key, next) = ((stateName, grainId), ($"{number}", JsonSerializer.SerializeToUtf8Bytes(grainState.State, json)));
            var written = grainState.ETag is null
                ? shared.rows.TryAdd(key, next)
                : shared.rows.TryGetValue(key, out var row) && row.ETag == grainState.ETag && shared.rows.TryUpdate(key, next, row);
            if (!written)
                throw new InconsistentStateException($"{stateName} of {grainId} was written by another activation", "", grainState.ETag);

            shared.AfterWrite(stateName, number);
            (grainState.ETag, grainState.RecordExists) = (next.Item1, true);
            return Task.CompletedTask;
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            shared.rows.TryRemove((stateName, grainId), out _);
            (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
            return Task.CompletedTask;
        }
    }
}
