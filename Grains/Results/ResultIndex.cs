using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers;
using Orleans.Storage;
using SparseGrid.Contracts.Results;

namespace SparseGrid.Grains.Results;

/// <summary>
/// The committed results, by their keys. A result is written once and never changed, so no grain need stand between it and who reads it: thousands are read
/// without thousands of activations, and who commits second is told so by the store. The one thing that can happen to it is that garbage collection forgets it, on one silo:
/// so what others remember decides nothing about what is done, <see cref="Look(IReadOnlyCollection{string})"/> does.
/// </summary>
public sealed class ResultIndex([FromKeyedServices(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)] IGrainStorage storage)
{
    private const string State = "result";
    private const int AtOnce = 64;

    // Parents and dense ancestors are asked for by each of their children, rows by each look of a client.
    private readonly Recent<VariantResult> recent = new(1024);

    /// <summary>The result of that key, or null. One that was forgotten on another silo may still be given.</summary>
    public async Task<VariantResult?> Get(string key) => recent.Find(key) ?? await Look(key);

    /// <summary>The result as the store has it now, or null; what this silo remembers is set right.</summary>
    public async Task<VariantResult?> Look(string key)
    {
        var state = new GrainState<ResultState>();
        await storage.ReadStateAsync(State, IdOf(key), state);
        var found = state.State?.Result;
        if (found is null)
            recent.Forget(key);
        else
            recent.Keep(key, found);
        return found;
    }

    /// <summary>The results of those keys, in their order; null where there is none.</summary>
    public Task<VariantResult?[]> Get(IReadOnlyCollection<string> keys) => Each(keys, Get);

    /// <summary>The results of those keys as the store has them now, in their order; null where there is none.</summary>
    public Task<VariantResult?[]> Look(IReadOnlyCollection<string> keys) => Each(keys, Look);

    /// <summary>Commits once; the first result stays, and every caller is given it.</summary>
    public async Task<VariantResult> Commit(string key, VariantResult result)
    {
        var state = new GrainState<ResultState>(new(result));
        try
        {
            await storage.WriteStateAsync(State, IdOf(key), state);
            return result;
        }
        catch (InconsistentStateException)
        {
            // There is a record. Its result is the first one, unless it was cleared, which leaves a version behind.
            await storage.ReadStateAsync(State, IdOf(key), state);
            if (state.State?.Result is { } first)
                return first;
            state.State = new(result);
            await storage.WriteStateAsync(State, IdOf(key), state);
            return result;
        }
    }

    /// <summary>Forgets a result that nothing needs any more; nothing happens where there is none. Other silos remember it until they look.</summary>
    public async Task Forget(string key)
    {
        var state = new GrainState<ResultState>();
        await storage.ReadStateAsync(State, IdOf(key), state);
        if (state.State?.Result is not null)
            await storage.ClearStateAsync(State, IdOf(key), state);
        recent.Forget(key);
    }

    private static async Task<VariantResult?[]> Each(IReadOnlyCollection<string> keys, Func<string, Task<VariantResult?>> ask)
    {
        var found = new List<VariantResult?>(keys.Count);
        foreach (var window in keys.Chunk(AtOnce))
            found.AddRange(await Task.WhenAll(window.Select(ask)));
        return [.. found];
    }

    // The place of the result grain's state.
    private static GrainId IdOf(string key) => GrainId.Create(State, key);
}
