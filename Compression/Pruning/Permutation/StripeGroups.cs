namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>Every two (or three) of a matrix's stripes, in lexicographic order.</summary>
internal sealed class StripeGroups
{
    private readonly int size;
    private readonly int[] stripes;                           // of group after group

    public StripeGroups(int stripeCount, int size)
    {
        this.size = size;
        stripes = [.. Every(0, stripeCount, size).SelectMany(group => group)];
    }

    /// <summary>Number of groups.</summary>
    public int Count => stripes.Length / size;

    /// <summary>The stripes of a group, ascending.</summary>
    public ReadOnlySpan<int> this[int group] => stripes.AsSpan(group * size, size);

    /// <summary>True where one of the group's stripes is marked.</summary>
    public bool HoldsAny(int group, bool[] marked)
    {
        foreach (var stripe in this[group])
        {
            if (marked[stripe])
                return true;
        }

        return false;
    }

    /// <summary>True where all of the group's stripes are marked.</summary>
    public bool HoldsOnly(int group, bool[] marked)
    {
        foreach (var stripe in this[group])
        {
            if (!marked[stripe])
                return false;
        }

        return true;
    }

    private static IEnumerable<int[]> Every(int first, int end, int size) =>
        from stripe in Enumerable.Range(first, end - first)
        from rest in size == 1 ? [[]] : Every(stripe + 1, end, size - 1)
        select (int[])[stripe, .. rest];
}
