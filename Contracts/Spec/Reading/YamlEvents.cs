using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>The YAML parser, with one kind of exception for text that it cannot read.</summary>
internal sealed class YamlEvents : IParser
{
    private readonly Scanner scanner;
    private readonly Parser parser;

    public YamlEvents(string text)
    {
        scanner = new(new StringReader(text));
        parser = new(scanner);
    }

    /// <inheritdoc/>
    public ParsingEvent? Current => parser.Current;

    /// <inheritdoc/>
    public bool MoveNext()
    {
        try
        {
            return parser.MoveNext();
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException)
        {
            // On about 7 of 1,000 damaged texts the scanner fails with one of these two instead of naming a syntax error (YamlDotNet 18.1).
            var line = (int)scanner.CurrentPosition.Line;
            throw new SpecTextException(line, "is not valid YAML near this line: look for a stray sign, or a quote or bracket that is not closed.");
        }
    }
}
