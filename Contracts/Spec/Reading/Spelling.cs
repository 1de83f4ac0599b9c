using System.Text;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>Guesses what a misspelt word was meant to be, and shows words of unknown content on one line.</summary>
internal static class Spelling
{
    private const int Longest = 60;

    /// <summary>The known word nearest to a misspelt one: at most 2 edits away (3 for words of eight letters and more), or the one it is short for: lr.</summary>
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

    /// <summary>Levenshtein's distance: insertions, deletions and substitutions that turn one word into the other.</summary>
    /// <remarks>Wagner and Fischer, "The String-to-String Correction Problem", J. ACM 21 (1974).</remarks>
    public static int Distance(string left, string right)
    {
        var row = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
            row[j] = j;
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

        return row[right.Length];
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
