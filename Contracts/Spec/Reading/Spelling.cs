using System.Text;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>Guesses what a misspelt word was meant to be, and shows words of unknown content on one line.</summary>
internal static class Spelling
{
    private const int Longest = 60;

    /// <summary>The known word nearest to a misspelt one: at most 2 edits away (1 for words of three letters, 3 from eight on), or the one it is short for:
    /// lr.</summary>
    /// <returns>Null where none is near. At equal distance the first one.</returns>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length is 0 or > Longest)
            return null;

        var plain = Plain(word);
        var candidates = known.ToList();
        if (candidates.Find(candidate => plain.Length > 1 && Initials(candidate) == plain) is { } inFull)
            return inFull;

        return candidates
            .Select(candidate => (Word: candidate, Distance: Distance(plain, Plain(candidate)), Bound: Bound(candidate)))
            .Where(candidate => candidate.Distance <= candidate.Bound)
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Word)
            .FirstOrDefault();
    }

    /// <summary>"; did you mean 'x'?", or the rule where nothing is near.</summary>
    public static string Hint(string? nearest, string rule) => nearest is null ? $"; {rule}." : $"; did you mean '{nearest}'?";

    /// <summary>The fewest insertions, deletions, substitutions and swaps of neighbours that turn one word into the other, each letter touched once.</summary>
    /// <remarks>Damerau, "A technique for computer detection and correction of spelling errors", Commun. ACM 7 (1964).</remarks>
    public static int Distance(string left, string right)
    {
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var substituted = rows[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(substituted, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[left.Length, right.Length];
    }

    /// <summary>A word from the text on one line: control characters escaped, long ones cut.</summary>
    public static string Line(string text)
    {
        var line = new StringBuilder();
        foreach (var character in text.Length > Longest * 4 ? text[..(Longest * 4)] + "…" : text)
        {
            if (char.IsControl(character) || char.IsSurrogate(character) || character is '\u2028' or '\u2029')
                line.Append($"\\u{(int)character:x4}");
            else
                line.Append(character);
        }

        return line.ToString();
    }

    /// <summary>The word in quotes, at most 60 characters of it.</summary>
    public static string Quoted(string text) => $"'{Line(text.Length > Longest ? text[..Longest] + "…" : text)}'";

    private static int Bound(string candidate) => candidate.Length switch { <= 3 => 1, < 8 => 2, _ => 3 };

#pragma warning disable CA1308 // Words of the spec are lower case.
    private static string Plain(string word) => word.Replace('-', '_').ToLowerInvariant();
#pragma warning restore CA1308

    private static string Initials(string candidate) =>
        candidate.Contains('_', StringComparison.Ordinal) ? string.Concat(candidate.Split('_', StringSplitOptions.RemoveEmptyEntries).Select(part => part[0])) : "";
}
