namespace SparseGrid.Compression.Analysis;

/// <summary>Counts the work that is done, in forward passes of one image, and tells the share of all of it.</summary>
internal sealed class QuickWork(Action<QuickProgress> progress, double total)
{
    private double done;

    /// <summary>Counts images as they are done.</summary>
    /// <param name="cost">Passes that an image takes here.</param>
    public Action<int> Images(string phase, double cost = 1)
    {
        Tell(phase);
        return count =>
        {
            done += count * cost;
            Tell(phase);
        };
    }

    /// <summary>Counts calls, told by how many are done so far.</summary>
    /// <param name="cost">Passes of all of them.</param>
    public Action<int> Calls(string phase, double cost, int calls)
    {
        var before = done;
        Tell(phase);
        return made =>
        {
            done = before + cost * made / calls;
            Tell(phase);
        };
    }

    private void Tell(string phase) => progress(new(phase, Math.Min(1, done / total)));
}
