using System.Collections.Immutable;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>Goes through the text and the vocabulary side by side: takes the values down, and every fault.</summary>
internal sealed partial class SpecWalk
{
    private readonly SpecValues values = new();
    private readonly SpecProblems problems;
    private readonly SpecNode root;
    private readonly Section whole;

    private SpecWalk(SpecNode root, Section whole, SpecProblems problems) => (this.root, this.whole, this.problems) = (root, whole, problems);

    /// <summary>The values of a spec; complete where no problem was added.</summary>
    public static SpecValues Over(SpecNode root, Section shape, SpecProblems problems)
    {
        var walk = new SpecWalk(root, shape, problems);
        walk.Keys(root, shape, "", root.Line, axes: false);
        return walk.values;
    }

    private static string Below(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private void Keys(SpecNode node, Section section, string path, int line, bool axes)
    {
        if (Entries(node, section) is not { } mapping)
        {
            problems.Add(node.Line, path, $"{What(node)} stands where keys with values are expected; {section.Rule}.");
            return;
        }

        var first = new Dictionary<string, SpecEntry>();
        var meant = new HashSet<string>();
        foreach (var entry in mapping.Entries)
        {
            var here = Below(path, Spelling.Line(entry.Key.Length > 60 ? entry.Key[..60] + "…" : entry.Key));
            if (section.Keys.FirstOrDefault(key => key.Name == entry.Key) is not { } known)
            {
                var nearest = Spelling.Nearest(entry.Key, section.Keys.Select(key => key.Name));
                if (nearest is not null)
                    meant.Add(nearest);
                problems.Add(entry.Line, here, $"unknown key{Spelling.Hint(nearest, section.Rule)}");
            }
            else if (!first.TryAdd(entry.Key, entry))
            {
                problems.Add(entry.Line, here, $"stands here a second time, first on line {first[entry.Key].Line}; keep one.");
            }
            else
            {
                values.Place(here, entry.Line);
                Value(entry.Value, known, here, entry.Line, axes || known.Axes);
            }
        }

        foreach (var key in section.Keys.Where(key => !first.ContainsKey(key.Name)))
            Absent(key, Below(path, key.Name), line, misspelt: meant.Contains(key.Name));
    }

    private void Absent(SpecKey key, string path, int line, bool misspelt)
    {
        if (key.Default is not null)
            values.Set(path, key.Shape is WordList ? [.. ((ImmutableArray<string>)key.Default).Cast<object>()] : [key.Default]);
        else if (key.Required && key.Unless.Any(Stands))
        {
            if (key is { Optional: false, Shape: Section defaults })
                Keys(new MappingNode([], line), defaults, path, line, axes: false);
        }
        else if (key.Required && !misspelt)
            problems.Add(line, path, key.Shape is Section section ? $"is missing; {section.Rule}." : $"is missing; it takes {key.Shape.Rule}.");
        else if (key is { Required: false, Optional: false, Shape: Section usual })
            Keys(new MappingNode([], line), usual, path, line, axes: false);
    }

    // The keys of a section; a single value where the section has a short form is that of one key.
    private static MappingNode? Entries(SpecNode node, Section section) => node switch
    {
        MappingNode mapping => mapping,
        ScalarNode { IsNull: false } value when section.Short is { } key => new([new(key, value.Line, value)], value.Line),
        _ => null,
    };

    /// <summary>True where the text has the key, wherever the walk has come to.</summary>
    private bool Stands(string path)
    {
        var (node, section) = ((SpecNode?)root, (SpecShape)whole);
        foreach (var name in path.Split('.'))
        {
            if (node is null || section is not Section keys || Entries(node, keys)?.Entries.FirstOrDefault(entry => entry.Key == name) is not { } found)
                return false;
            (node, section) = (found.Value, keys.Keys.First(key => key.Name == name).Shape);
        }

        return true;
    }

    private void Value(SpecNode node, SpecKey key, string path, int line, bool axes)
    {
        switch (key.Shape)
        {
            case Section section:
                Keys(node, section, path, line, axes);
                break;
            case WordList list:
                Words(node, list, path);
                break;
            case LayerList list when axes && node is MappingNode mapping:
                Choice(mapping, list, item => Layers(item.Node, list, item.Path), path);
                break;
            case LayerList list:
                if (Layers(node, list, path) is { } layers)
                    values.Set(path, [layers]);
                break;
            case ChannelNumbers numbers:
                if (Numbers(node, numbers, path) is { } joined)
                    values.Set(path, [joined]);
                break;
            case ScalarShape scalar when node is ScalarNode one:
                if (Scalar(one, scalar, path) is { } value)
                    values.Set(path, [value]);
                break;
            case ScalarShape scalar when axes && node is MappingNode mapping:
                Choice(mapping, scalar, item => Item(item.Node, scalar, item.Path), path);
                break;
            case ScalarShape scalar when axes:
                problems.Add(node.Line, path, $"a list stands where one value is expected; to try each, write {{ choice: [...] }}. It takes {scalar.Rule}.");
                break;
            case ScalarShape scalar:
                var where = node is MappingNode ? " (choices are for keys under variants)" : "";
                problems.Add(node.Line, path, $"{What(node)} stands where one value is expected{where}; it takes {scalar.Rule}.");
                break;
        }
    }

    private object? Scalar(ScalarNode node, ScalarShape shape, string path)
    {
        var (value, fault) = shape.Read(node);
        if (fault is not null)
            problems.Add(node.Line, path, fault);
        return value;
    }

    private void Choice(MappingNode mapping, SpecShape shape, Func<(SpecNode Node, string Path), object?> read, string path)
    {
        foreach (var entry in mapping.Entries.Where(entry => entry.Key != "choice"))
        {
            var hint = Spelling.Hint(Spelling.Nearest(entry.Key, ["choice"]), $"it takes {shape.Rule}, or {{ choice: [...] }}");
            problems.Add(entry.Line, Below(path, Spelling.Line(entry.Key)), $"unknown key{hint}");
        }

        var choices = mapping.Entries.Where(entry => entry.Key == "choice").ToList();
        if (choices.Count == 0)
        {
            if (mapping.Entries.Length == 0)
                problems.Add(mapping.Line, path, $"is empty; it takes {shape.Rule}, or {{ choice: [...] }}.");
            return;
        }

        var here = Below(path, "choice");
        if (choices.Count > 1)
            problems.Add(choices[1].Line, here, $"stands here a second time, first on line {choices[0].Line}; keep one.");
        if (choices[0].Value is not SequenceNode list)
        {
            problems.Add(choices[0].Value.Line, here, $"{What(choices[0].Value)} stands where a list is expected; write choice: [a, b].");
            return;
        }

        if (list.Items.Length == 0)
            problems.Add(list.Line, here, $"is an empty list, which leaves nothing to run; each value is {shape.Rule}.");

        var seen = new HashSet<object>();
        var chosen = ImmutableArray.CreateBuilder<object>();
        for (var i = 0; i < list.Items.Length; i++)
        {
            if (read((list.Items[i], $"{here}[{i}]")) is not { } value)
                continue;
            else if (seen.Add(value))
                chosen.Add(value);
            else
                problems.Add(list.Items[i].Line, $"{here}[{i}]", $"{What(list.Items[i])} stands in the list a second time; keep one.");
        }

        values.Set(path, chosen.ToImmutable());
    }

    // A value of a choice of scalars.
    private object? Item(SpecNode item, ScalarShape shape, string path)
    {
        if (item is ScalarNode scalar)
            return Scalar(scalar, shape, path);
        problems.Add(item.Line, path, $"{What(item)} stands where one value is expected; it takes {shape.Rule}.");
        return null;
    }

    private static string What(SpecNode node) => node switch
    {
        ScalarNode { IsNull: true } => "nothing",
        ScalarNode scalar => Spelling.Quoted(scalar.Text),
        SequenceNode => "a list",
        _ => "a mapping",
    };
}
