using System.Globalization;
using System.Text.RegularExpressions;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>A module as the recorded cases write it: QuantConv2d(4,6,kernel 3,stride 1,bias True), weight per tensor.</summary>
internal sealed class ModuleText
{
    private readonly List<int> numbers = [];
    private readonly Dictionary<string, string> named = [];

    private ModuleText(string kind, IEnumerable<string> arguments, IEnumerable<string> options)
    {
        Kind = kind;
        Options = [.. options];
        foreach (var argument in arguments)
        {
            if (int.TryParse(argument, CultureInfo.InvariantCulture, out var number))
                numbers.Add(number);
            else if (argument.StartsWith("no ", StringComparison.Ordinal))
                named[argument[3..]] = "False";
            else
                named[argument.Split(' ')[0]] = argument.Contains(' ', StringComparison.Ordinal) ? argument[(argument.IndexOf(' ', StringComparison.Ordinal) + 1)..] : "True";
        }
    }

    /// <summary>QuantConv2d.</summary>
    public string Kind { get; }

    /// <summary>What stands behind the parentheses.</summary>
    public IReadOnlyList<string> Options { get; }

    public static ModuleText Parse(string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var (depth, close) = (0, open);
        for (var i = open; i < text.Length && (i == open || depth > 0); close = i++)
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
        return open > 0 && depth == 0
            ? new(text[..open].Trim(), Split(text[(open + 1)..close]), Split(text[(close + 1)..]))
            : throw new InvalidDataException($"'{text}' is no module: a name with its arguments in parentheses is expected.");
    }

    /// <summary>A number by position, or by name.</summary>
    public int Number(int position, string name, int? otherwise = null) => Pair(position, name, otherwise).Height;

    /// <summary>Rows and columns by position or by name: 3, 1x7, (1, 7).</summary>
    public (int Height, int Width) Pair(int position, string name, int? otherwise = null)
    {
        if (named.TryGetValue(name, out var text))
        {
            int[] sizes = [.. Regex.Matches(text, "[0-9]+").Select(match => int.Parse(match.Value, CultureInfo.InvariantCulture))];
            if (sizes.Length is 1 or 2)
                return (sizes[0], sizes[^1]);
            throw new InvalidDataException($"{Kind}: '{name} {text}' is no size.");
        }

        var number = position < numbers.Count ? numbers[position]
            : otherwise ?? throw new InvalidDataException($"{Kind} does not say its {name}.");
        return (number, number);
    }

    public bool Truth(string name, bool otherwise) => named.TryGetValue(name, out var text) ? text == "True" : otherwise;

    public bool Has(string word) => named.ContainsKey(word);

    public bool HasOption(string option) => Options.Contains(option);

    private static IEnumerable<string> Split(string list) =>
        Regex.Split(list, @",(?![^()]*\))").Select(part => part.Trim()).Where(part => part.Length > 0);
}
