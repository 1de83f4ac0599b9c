using System.Globalization;

namespace SparseGrid.Contracts.Spec.Reading;

internal sealed partial class SpecWalk
{
    // The patterns in one order, so that two ways to write a list are one value.
    private string? Layers(SpecNode node, LayerList shape, string path)
    {
        if (node is MappingNode)
        {
            problems.Add(node.Line, path, $"a mapping stands where a layer's name is expected; it takes {shape.Rule}.");
            return null;
        }

        var items = node is SequenceNode list ? list.Items : [node];
        if (items.Length == 0 && !shape.MayBeEmpty)
        {
            problems.Add(node.Line, path, $"is an empty list, which leaves no layer; it takes {shape.Rule}.");
            return null;
        }

        var layers = new SortedSet<string>(StringComparer.Ordinal);
        var before = problems.Count;
        foreach (var item in items)
        {
            if (Item(item, LayerList.Layer, path) is string layer && !layers.Add(layer))
                problems.Add(item.Line, path, $"{Spelling.Quoted(layer)} stands in the list a second time; keep one.");
        }

        return problems.Count == before ? string.Join(',', layers) : null;
    }

    // The shortest digits that read back as the same double, whichever way they were written.
    private string? Numbers(SpecNode node, ChannelNumbers shape, string path)
    {
        var items = node is SequenceNode list ? list.Items : [node];
        if (items.Length is 0 or > ChannelNumbers.Most)
        {
            problems.Add(node.Line, path, $"is a list of {items.Length} numbers; it takes {shape.Rule}.");
            return null;
        }

        var numbers = items.Select(item => Item(item, shape.Each, path)).ToList();
        return numbers.Contains(null) ? null : string.Join(',', numbers.Select(number => ((double)number!).ToString("R", CultureInfo.InvariantCulture)));
    }

    private void Words(SpecNode node, WordList shape, string path)
    {
        var items = node is SequenceNode list ? list.Items : [node];
        if (items.Length == 0)
            problems.Add(node.Line, path, $"is an empty list; it takes {shape.Rule}.");

        var words = new List<object>();
        foreach (var item in items)
        {
            if (item is not ScalarNode scalar)
                problems.Add(item.Line, path, $"{What(item)} stands where a word is expected; it takes {shape.Rule}.");
            else if (Scalar(scalar, new Word(shape.Words), path) is not { } word)
                continue;
            else if (words.Contains(word))
                problems.Add(item.Line, path, $"{Spelling.Quoted(scalar.Text)} stands in the list a second time; keep one.");
            else
                words.Add(word);
        }

        values.Set(path, [.. words]);
    }
}
