namespace SparseGrid.Grains.Results;

/// <summary>The values that were kept last, by key; safe from any thread.</summary>
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

    /// <summary>Keeps a value, in the place of what was kept under that key.</summary>
    public void Keep(string key, T value)
    {
        lock (gate)
        {
            var isNew = !kept.ContainsKey(key);
            kept[key] = value;
            if (!isNew)
                return;

            // One that was forgotten in between stands twice in the order, and goes with the first.
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
