using System.Collections.Immutable;

namespace SparseGrid.Compression.Graph;

/// <summary>Layers named by a user: whole names, where * stands for any characters and ? for one. "layer1.*" is every layer of the first stage.</summary>
/// <remarks>Letters count as they are written; a dot is a character like any other.</remarks>
public sealed class LayerPatterns
{
    private readonly ImmutableArray<string> patterns;

    private LayerPatterns(ImmutableArray<string> patterns) => this.patterns = patterns;

    /// <summary>Names no layer.</summary>
    public static LayerPatterns None { get; } = new([]);

    /// <summary>The patterns of a list, which may be empty.</summary>
    /// <exception cref="InvalidDataException">One is empty, or stands there twice.</exception>
    public static LayerPatterns Parse(IEnumerable<string> patterns)
    {
        ImmutableArray<string> all = [.. patterns];
        if (all.Any(string.IsNullOrWhiteSpace))
            throw new InvalidDataException($"Pattern {all.IndexOf(all.First(string.IsNullOrWhiteSpace)) + 1} of {all.Length} is empty; it takes a layer's name, with * and ?.");
        if (all.GroupBy(pattern => pattern).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InvalidDataException($"The pattern '{twice.Key}' stands in the list a second time; keep one.");
        return new(all);
    }

    /// <summary>True where one of the patterns names this layer.</summary>
    public bool Matches(string layer) => Naming(layer) is not null;

    /// <summary>The first pattern that names this layer; null where none does.</summary>
    public string? Naming(string layer) => patterns.FirstOrDefault(pattern => Edits(pattern, layer) == 0);

    /// <summary>Refuses patterns that name no layer at all.</summary>
    /// <param name="known">The names of the layers there are.</param>
    /// <exception cref="InvalidDataException">Some name none; each is told, with the nearest name where one is near.</exception>
    public void Check(IEnumerable<string> known)
    {
        ImmutableArray<string> layers = [.. known];
        var faults = patterns.Where(pattern => !layers.Any(layer => Edits(pattern, layer) == 0)).Select(pattern => Fault(pattern, layers)).ToArray();
        if (faults.Length > 0)
            throw new InvalidDataException(string.Join(" ", faults));
    }

    private static string Fault(string pattern, ImmutableArray<string> layers)
    {
        var nearest = layers.MinBy(layer => Edits(pattern, layer));
        return nearest is not null && Edits(pattern, nearest) <= Math.Max(1, pattern.Length / 4)
            ? $"No layer is named '{pattern}'; did you mean '{nearest}'?"
            : $"No layer is named '{pattern}'; the layers are {string.Join(", ", layers)}.";
    }

    // The fewest letters to insert, delete or change for the pattern to name the layer (Levenshtein; * runs over any letters for nothing): 0 where it does.
    internal static int Edits(string pattern, string layer)
    {
        var above = Enumerable.Range(0, layer.Length + 1).ToArray();
        foreach (var character in pattern)
        {
            var row = new int[above.Length];
            row[0] = above[0] + (character == '*' ? 0 : 1);
            for (var j = 1; j < row.Length; j++)
            {
                row[j] = character == '*'
                    ? Math.Min(above[j], row[j - 1])
                    : Math.Min(above[j - 1] + (character == '?' || character == layer[j - 1] ? 0 : 1), Math.Min(above[j], row[j - 1]) + 1);
            }

            above = row;
        }

        return above[^1];
    }
}
