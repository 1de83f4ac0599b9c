namespace SparseGrid.Compression.Tensors.PyTorch;

/// <summary>A dict of a pickle, in the order in which its keys were set first.</summary>
internal sealed class PickleDictionary
{
    private readonly Dictionary<object, int> places = [];
    private readonly List<(object Key, object? Value)> entries = [];

    public IReadOnlyList<(object Key, object? Value)> Entries => entries;

    public void Set(object key, object? value)
    {
        if (places.TryGetValue(key, out var place))
            entries[place] = (key, value);
        else
        {
            places[key] = entries.Count;
            entries.Add((key, value));
        }
    }

    public object? Find(string key) => places.TryGetValue(key, out var place) ? entries[place].Value : null;
}
