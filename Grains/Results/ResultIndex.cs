using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers;
using Orleans.Storage;
using SparseGrid.Contracts.Results;

namespace SparseGrid.Grains.Results;

/// <summary>
/// The committed results, by their keys. A result is written once and never changed, so no grain need stand between it and who reads it: thousands are read
/// without thousands of activations, and who commits second is told so by the store.
/// </summary>
public sealed class ResultIndex([FromKeyedServices(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)] IGrainStorage storage)
{
    private const string State = "result";
    private const int AtOnce = 64;
    private const int Kept = 1024;

    // Parents and dense ancestors are asked for by each of their children, rows by each look of a client.
    private readonly Dictionary<string, VariantResult> recent = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();
    private readonly Lock gate = new();

    /// <summary>The result of that key, or null.</summary>
    public async Task<VariantResult?> Get(string key)
    {
        lock (gate)
        {
            if (recent.TryGetValue(key, out var known))
                return known;
        }

        var found = await Read(key);
        if (found is not null)
            Keep(key, found);
        return found;
    }

    /// <summary>The results of those keys, in their order; null where there is none.</summary>
    public async Task<VariantResult?[]> Get(IReadOnlyCollection<string> keys)
    {
        var found = new List<VariantResult?>(keys.Count);
        foreach (var window in keys.Chunk(AtOnce))
            found.AddRange(await Task.WhenAll(window.Select(Get)));
        return [.. found];
    }

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

    /// <summary>Forgets a result that nothing needs any more; nothing happens where there is none. Other silos may remember it for a while.</summary>
    public async Task Forget(string key)
    {
        lock (gate)
            recent.Remove(key);

        var state = new GrainState<ResultState>();
        await storage.ReadStateAsync(State, IdOf(key), state);
        if (state.State?.Result is not null)
            await storage.ClearStateAsync(State, IdOf(key), state);
    }

    private async Task<VariantResult?> Read(string key)
    {
        var state = new GrainState<ResultState>();
        await storage.ReadStateAsync(State, IdOf(key), state);
        return state.State?.Result;
    }

    private void Keep(string key, VariantResult result)
    {
        lock (gate)
        {
            if (!recent.TryAdd(key, result))
                return;

            order.Enqueue(key);
            if (order.Count > Kept)
                recent.Remove(order.Dequeue());
        }
    }

    // The place of the result grain's state.
    private static GrainId IdOf(string key) => GrainId.Create(State, key);
}
