using System.Collections.Immutable;

namespace SparseGrid.Console.Reports;

/// <summary>Breaks sentences between words, so that a terminal does not break them within one.</summary>
public static class TextWrap
{
    /// <summary>The lines of one sentence, each at most so wide unless a single word is wider; those after the first are indented.</summary>
    public static ImmutableArray<string> Lines(string sentence, int width, int indent)
    {
        if (sentence.Length <= width)
            return [sentence];

        var lines = ImmutableArray.CreateBuilder<string>();
        var margin = new string(' ', Math.Min(indent, width / 2));
        var rest = sentence;
        while (rest.Length > width)
        {
            var from = lines.Count == 0 ? 0 : margin.Length;
            var space = rest.LastIndexOf(' ', width, width - from);
            if (space <= from)
                space = rest.IndexOf(' ', width);
            if (space < 0)
                break;
            lines.Add(rest[..space].TrimEnd());
            rest = margin + rest[(space + 1)..];
        }

        lines.Add(rest);
        return lines.ToImmutable();
    }
}
