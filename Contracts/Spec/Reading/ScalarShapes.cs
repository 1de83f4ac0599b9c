using System.Collections.Immutable;
using System.Globalization;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>A whole number within bounds, read as <see cref="int"/>.</summary>
internal sealed record WholeNumber(int Least, int Most) : ScalarShape
{
    public override string Rule => $"a whole number from {Least} to {Most}";

    public override (object? Value, string? Fault) Read(ScalarNode node) =>
        !node.Plain ? (null, $"{Spelling.Quoted(node.Text)} is a text; it takes {Rule}, without quotes.")
        : int.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= Least && number <= Most ? (number, null)
        : Refuse(node);
}

/// <summary>A number within bounds, read as <see cref="double"/>.</summary>
/// <param name="Above">True where the lower bound itself is refused.</param>
/// <param name="Below">True where the upper bound itself is refused.</param>
internal sealed record RealNumber(double Least, double Most, bool Above = false, bool Below = false) : ScalarShape
{
    public override string Rule => $"a number {(Above ? "above" : "of at least")} {Least} and {(Below ? "below" : "at most")} {Most}";

    public override (object? Value, string? Fault) Read(ScalarNode node) =>
        !node.Plain ? (null, $"{Spelling.Quoted(node.Text)} is a text; it takes {Rule}, without quotes.")
        : double.TryParse(node.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Allows(number) ? (number + 0.0, null) // −0 is 0
        : Refuse(node);

    private bool Allows(double number) =>
        (Above ? number > Least : number >= Least) && (Below ? number < Most : number <= Most);
}

/// <summary>Part of the images: a share of them, or how many. Read as <see cref="double"/>: below 1 a share, from 2 on a number.</summary>
internal sealed record ShareOrNumber : ScalarShape
{
    public static RealNumber Share { get; } = new(0, 1, Above: true, Below: true);

    public static WholeNumber Number { get; } = new(2, 100_000_000);

    public override string Rule => "a share above 0 and below 1, or a number of images from 2 on";

    public override (object? Value, string? Fault) Read(ScalarNode node) =>
        !node.Plain ? (null, $"{Spelling.Quoted(node.Text)} is a text; it takes {Rule}, without quotes.")
        : Number.Read(node).Value is int number ? ((double)number, null)
        : Share.Read(node).Value is { } share ? (share, null)
        : Refuse(node);
}

/// <summary>true or false.</summary>
internal sealed record Truth : ScalarShape
{
    public override string Rule => "true or false";

    public override (object? Value, string? Fault) Read(ScalarNode node) =>
        !node.Plain ? (null, $"{Spelling.Quoted(node.Text)} is a text; it takes {Rule}, without quotes.")
        : node.Text is "true" or "false" ? (node.Text == "true", null)
        : Refuse(node);
}

/// <summary>One of a few words.</summary>
/// <param name="Refused">Words that mean something, but not yet here, and why.</param>
internal sealed record Word(ImmutableArray<string> Words, ImmutableDictionary<string, string>? Refused = null) : ScalarShape
{
    public override string Rule => Words.Length == 1 ? $"'{Words[0]}'" : $"one of {string.Join(", ", Words)}";

    public override (object? Value, string? Fault) Read(ScalarNode node) =>
        node.IsNull ? Refuse(node)
        : Words.Contains(node.Text) ? (node.Text, null)
        : Refused?.GetValueOrDefault(node.Text) is { } why ? (null, $"'{node.Text}' {why}")
        : (null, $"{Spelling.Quoted(node.Text)} is unknown{Spelling.Hint(Spelling.Nearest(node.Text, Words), $"it takes {Rule}")}");
}

/// <summary>The name of a pattern of masks.</summary>
internal sealed record PatternName : ScalarShape
{
    public const string Pattern = "^(m4n2_2d_greedy|m4n2_2d_best|m[1-9][0-9]?n[1-9][0-9]?_1d)$";

    private const int LargestGroup = 32;

    public override string Rule => $"m4n2_1d, m4n2_2d_greedy, m4n2_2d_best, or mMnN_1d with 1 <= N < M <= {LargestGroup}";

    public override (object? Value, string? Fault) Read(ScalarNode node)
    {
        if (node.IsNull || Matches(node.Text, Pattern))
            return !node.IsNull && Divides(node.Text) ? (node.Text, null) : Refuse(node);
        return (null, $"{Spelling.Quoted(node.Text)} is unknown{Spelling.Hint(Spelling.Nearest(node.Text, ["m4n2_1d", "m4n2_2d_greedy", "m4n2_2d_best"]), $"it takes {Rule}")}");
    }

    private static bool Divides(string name)
    {
        var numbers = name[1..].Split('n', '_');
        var (size, kept) = (int.Parse(numbers[0], CultureInfo.InvariantCulture), int.Parse(numbers[1], CultureInfo.InvariantCulture));
        return size <= LargestGroup && kept < size;
    }
}

/// <summary>A text that follows a pattern.</summary>
/// <param name="Wording">The pattern in words.</param>
internal sealed record Text(string Pattern, string Wording) : ScalarShape
{
    public override string Rule => Wording;

    public override (object? Value, string? Fault) Read(ScalarNode node) =>
        !node.IsNull && Matches(node.Text, Pattern) ? (node.Text, null) : Refuse(node);
}

/// <summary>A time with its unit: 90s, 10m, 24h, 7d. Read as <see cref="TimeSpan"/>.</summary>
internal sealed record Duration(TimeSpan Most) : ScalarShape
{
    public const string Pattern = "^[0-9]{1,7}(\\.[0-9]{1,6})?[smhd]$";

    public override string Rule => $"a time above 0 and at most {Most.TotalDays}d, a number and s, m, h or d: 90s, 10m, 24h";

    public override (object? Value, string? Fault) Read(ScalarNode node)
    {
        if (!Matches(node.Text, Pattern))
            return Refuse(node);

        var seconds = double.Parse(node.Text.AsSpan(0, node.Text.Length - 1), CultureInfo.InvariantCulture)
            * node.Text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 86400 };
        return seconds > 0 && seconds <= Most.TotalSeconds ? (TimeSpan.FromSeconds(seconds), null) : Refuse(node);
    }
}

/// <summary>A goal: "drop &lt;= 1pp" or "&lt;= 0.9x". Read as <see cref="double"/>, the largest value that meets it.</summary>
/// <param name="Word">Before the sign: drop; empty where nothing stands there.</param>
/// <param name="Unit">After the number: pp or x.</param>
internal sealed record AtMost(string Word, string Unit, RealNumber Range) : ScalarShape
{
    public string Pattern => $"^{Word} *<= *[0-9]{{1,6}}(\\.[0-9]{{1,9}})? *{Unit}$";

    public override string Rule => $"'{(Word.Length > 0 ? Word + " " : "")}<= N{Unit}' with {Range.Rule} for N";

    public override (object? Value, string? Fault) Read(ScalarNode node)
    {
        if (!Matches(node.Text, Pattern))
            return Refuse(node);

        var number = node.Text[(node.Text.IndexOf('=', StringComparison.Ordinal) + 1)..^Unit.Length].Trim();
        return Range.Read(new(number, Plain: true, node.Line)) is { Value: { } value } ? (value, null) : Refuse(node);
    }
}
