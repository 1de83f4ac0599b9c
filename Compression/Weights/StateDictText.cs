using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Weights;

/// <summary>How messages write names and shapes.</summary>
internal static class StateDictText
{
    private const int MostListed = 12;

    /// <summary>fc.weight, fc.bias and 3 more.</summary>
    public static string Listed(IEnumerable<string> entries)
    {
        string[] all = [.. entries];
        return all.Length <= MostListed ? string.Join(", ", all) : $"{string.Join(", ", all.Take(MostListed))} and {all.Length - MostListed} more";
    }

    /// <summary>1 array, 2 arrays.</summary>
    public static string Counted(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    /// <summary>[64, 3, 7, 7].</summary>
    public static string Shape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>[64, 3, 7, 7].</summary>
    public static string Shape(HostArray array) => Shape(array.Shape);
}
