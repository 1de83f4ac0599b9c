using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>What stands behind a key.</summary>
internal abstract record SpecShape
{
    /// <summary>In words: "a whole number from 1 to 10000".</summary>
    public abstract string Rule { get; }
}

/// <summary>One value: a number, a word, a text.</summary>
internal abstract record ScalarShape : SpecShape
{
    /// <summary>Reads the value, or says what is wrong with it: value, rule, fix.</summary>
    public abstract (object? Value, string? Fault) Read(ScalarNode node);

    /// <summary>True where the whole text follows the pattern; $ alone would let a line end pass.</summary>
    protected static bool Matches(string text, string pattern) =>
        !text.Contains('\n', StringComparison.Ordinal) && Regex.IsMatch(text, pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>The usual fault: the value and the rule.</summary>
    protected (object? Value, string? Fault) Refuse(ScalarNode node) =>
        (null, node.IsNull ? $"has no value; it takes {Rule}." : $"{Spelling.Quoted(node.Text)} is refused; it takes {Rule}.");
}

/// <summary>Keys of their own.</summary>
/// <param name="Short">The key that a single value stands for, where one stands in the section's place: model: mynet.onnx. Null for none.</param>
internal sealed record Section(ImmutableArray<SpecKey> Keys, string? Short = null) : SpecShape
{
    public override string Rule => $"the keys are {string.Join(", ", Keys.Select(key => key.Name))}";
}

/// <summary>One word of a list, or a list of them: from.</summary>
internal sealed record WordList(ImmutableArray<string> Words) : SpecShape
{
    public override string Rule => Words.Length == 1 ? $"'{Words[0]}'" : $"one or a list of {string.Join(", ", Words)}";
}

/// <summary>One pattern of layers' names, or a list of them, read as one text: sorted, joined by commas. A choice is among lists.</summary>
/// <param name="MayBeEmpty">True allows the empty list, which names no layer.</param>
internal sealed record LayerList(bool MayBeEmpty) : SpecShape
{
    public const string Pattern = "^[A-Za-z0-9_.*?-]{1,200}$";

    /// <summary>One pattern of the list.</summary>
    public static Text Layer { get; } = new(Pattern, "a layer's name, where * stands for any characters and ? for one: layer4.*");

    public override string Rule => "a layer's name with * and ?, or a list of them: [fc, layer4.*]";
}

/// <summary>One number, or a list with one for each channel, read as one text: joined by commas.</summary>
internal sealed record ChannelNumbers(RealNumber Each) : SpecShape
{
    /// <summary>Images have no more channels than that.</summary>
    public const int Most = 1024;

    public override string Rule => $"{Each.Rule}, or a list with one for each channel";
}

/// <summary>A key of a section.</summary>
/// <param name="Default">What holds where the key is absent; null where nothing does.</param>
/// <param name="Required">Its absence is a fault.</param>
/// <param name="Optional">A section that may be absent as a whole; any other is then read as an empty one, for its defaults.</param>
/// <param name="Axes">The scalars below it may be choices.</param>
internal sealed record SpecKey(
    string Name, SpecShape Shape, string Description, object? Default = null, bool Required = false, bool Optional = false, bool Axes = false)
{
    /// <summary>Paths of keys that take the place of a required one: where the text has one of them, this one may be absent.</summary>
    public ImmutableArray<string> Unless { get; init; } = [];
}
