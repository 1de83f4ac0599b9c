namespace SparseGrid.Console.Commands;

/// <summary>The known names nearest to one that is unknown.</summary>
internal static class NearWords
{
    private const int AtMost = 3;

    /// <summary>Up to three: first those that begin with it or contain it, then those within a third of its letters, nearest first.</summary>
    public static IReadOnlyList<string> Of(string word, IReadOnlyList<string> known)
    {
        var containing = known.Where(name => name.Contains(word, StringComparison.OrdinalIgnoreCase));
        var near = known.Select(name => (Name: name, Edits: Edits(word, name))).Where(name => name.Edits <= Math.Max(1, word.Length / 3)).OrderBy(name => name.Edits).Select(name => name.Name);
        return [.. containing.Concat(near).Distinct().Take(AtMost)];
    }

    // Insertions, deletions and substitutions (Levenshtein), one row at a time.
    private static int Edits(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
