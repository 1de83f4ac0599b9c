using System.Collections.Immutable;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>A value of the spec's text, with the line it starts on.</summary>
internal abstract record SpecNode(int Line);

/// <summary>One word, number or text.</summary>
/// <param name="Plain">False where it stands in quotes, so that it is a text even where it looks like a number.</param>
internal sealed record ScalarNode(string Text, bool Plain, int Line) : SpecNode(Line)
{
    /// <summary>True for nothing after the colon, ~ and null.</summary>
    public bool IsNull => Plain && Text is ("" or "~" or "null" or "Null" or "NULL");
}

/// <summary>A list.</summary>
internal sealed record SequenceNode(ImmutableArray<SpecNode> Items, int Line) : SpecNode(Line);

/// <summary>Keys with values, in the text's order; a key may still stand there twice.</summary>
internal sealed record MappingNode(ImmutableArray<SpecEntry> Entries, int Line) : SpecNode(Line);

/// <summary>One key of a mapping.</summary>
/// <param name="Line">The key's line.</param>
internal sealed record SpecEntry(string Key, int Line, SpecNode Value);
