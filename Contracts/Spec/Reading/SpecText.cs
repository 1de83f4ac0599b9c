using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>Turns YAML text into nodes with lines. Depth and size are bounded, so that no text can hang or exhaust the reader.</summary>
internal sealed class SpecText
{
    private const int MostNodes = 20_000;
    private const int Deepest = 32;

    private readonly YamlEvents parser;
    private readonly SpecProblems problems;
    private readonly Dictionary<string, (SpecNode Node, int Size)> anchors = [];
    private int nodes;

    private SpecText(string text, SpecProblems problems)
    {
        parser = new(text);
        this.problems = problems;
    }

    /// <summary>The text's one value; null where it has none or cannot be read, with the problem added.</summary>
    public static SpecNode? Parse(string text, SpecProblems problems)
    {
        if (text.Length > SpecReader.LargestFile)
        {
            problems.Add(1, "", $"the text has {text.Length} characters; a sweep spec has at most {SpecReader.LargestFile}.");
            return null;
        }

        if (text.IndexOf('\0', StringComparison.Ordinal) is >= 0 and var position)
        {
            var line = text.AsSpan(0, position).Count('\n') + 1;
            problems.Add(line, "", "is binary: there is a zero byte. A sweep spec is text in YAML or JSON; is this the right file?");
            return null;
        }

        var reader = new SpecText(text, problems);
        try
        {
            return reader.Document();
        }
        catch (SpecTextException refused)
        {
            problems.Add(refused.Line, "", refused.Message);
        }
        catch (YamlException fault)
        {
            problems.Add((int)fault.Start.Line, "", $"is not valid YAML: {Spelling.Line(fault.Message)}{TabHint(text)}");
        }

        return null;
    }

    private static string TabHint(string text)
    {
        var tabbed = text.Split('\n').ToList().FindIndex(line => line.TakeWhile(char.IsWhiteSpace).Contains('\t'));
        return tabbed < 0 ? "" : $" Line {tabbed + 1} is indented with a tab; YAML wants spaces.";
    }

    private SpecNode Document()
    {
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
            throw new SpecTextException(1, "is empty. A sweep spec starts like this: 'sweep: my-sweep'.");

        var root = Node(1);
        parser.Consume<DocumentEnd>();
        if (parser.TryConsume<DocumentStart>(out var second))
            throw new SpecTextException((int)second.Start.Line, "a second document starts here; a file holds one sweep spec.");

        return root;
    }

    private SpecNode Node(int depth)
    {
        var start = parser.Current!;
        var line = (int)start.Start.Line;
        if (depth > Deepest)
            throw new SpecTextException(line, $"is nested deeper than {Deepest} levels; a sweep spec needs 6.");

        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            if (!anchors.TryGetValue(alias.Value.Value, out var anchored))
                throw new SpecTextException(line, $"alias {Spelling.Quoted(alias.Value.Value)} has no anchor above it.");

            Count(anchored.Size, line);
            return anchored.Node;
        }

        var before = nodes;
        Count(1, line);
        var node = Content(line, depth);
        if (start is NodeEvent { Anchor.IsEmpty: false } named)
            anchors[named.Anchor.Value] = (node, nodes - before);
        if (start is NodeEvent { Tag.IsEmpty: false } tagged)
            problems.Add(line, "", $"tag {Spelling.Quoted(tagged.Tag.ToString())}: a sweep spec has no tags; leave it out.");

        return node;
    }

    private SpecNode Content(int line, int depth)
    {
        if (parser.TryConsume<Scalar>(out var scalar))
            return new ScalarNode(scalar.Value, scalar.Style == ScalarStyle.Plain, line);

        if (parser.TryConsume<SequenceStart>(out _))
        {
            var items = ImmutableArray.CreateBuilder<SpecNode>();
            while (!parser.TryConsume<SequenceEnd>(out _))
                items.Add(Node(depth + 1));
            return new SequenceNode(items.ToImmutable(), line);
        }

        parser.Consume<MappingStart>();
        var entries = ImmutableArray.CreateBuilder<SpecEntry>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Node(depth + 1);
            var value = Node(depth + 1);
            if (key is ScalarNode { Text: var word })
                entries.Add(new(word, key.Line, value));
            else
                problems.Add(key.Line, "", "a key is a list or a mapping; every key of a sweep spec is one word.");
        }

        return new MappingNode(entries.ToImmutable(), line);
    }

    /// <summary>An alias counts as all that it repeats: a few lines of aliases of aliases stand for billions of values.</summary>
    private void Count(int more, int line)
    {
        nodes += more;
        if (nodes > MostNodes)
            throw new SpecTextException(line, $"has more than {MostNodes} values, aliases written out; a sweep spec has some dozens.");
    }
}
