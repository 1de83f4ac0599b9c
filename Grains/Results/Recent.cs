namespace SparseGrid.Grains.Results;

/// <summary>The values that were kept last, by key. For what never changes once it is written; safe from any thread.</summary>
/// <param name="most">How many; the oldest goes first.</param>
internal sealed class Recent<T>(int most)
    where T : class
{
    private readonly Dictionary<string, T> kept = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();
    private readonly Lock gate = new();

    /// <summary>The value of that key, or null.</summary>
    public T? Find(string key)
    {
        lock (gate)
            return kept.GetValueOrDefault(key);
    }

    /// <summary>Keeps a value; what is kept under that key already stays.</summary>
    public void Keep(string key, T value)
    {
        lock (gate)
        {
            if (!kept.TryAdd(key, value))
                return;

            order.Enqueue(key);
            if (order.Count > most)
                kept.Remove(order.Dequeue());
        }
    }

    /// <summary>Forgets the value of that key.</summary>
    public void Forget(string key)
    {
        lock (gate)
            kept.Remove(key);
    }
}
