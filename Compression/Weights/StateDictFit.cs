using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Weights;

/// <summary>Lays a state dict beside a graph's parameters, and says everything that does not fit at once.</summary>
internal sealed class StateDictFit
{
    private readonly StateDict state;
    private readonly LayerGraph graph;
    private readonly Dictionary<string, ParameterShape> wanted;
    private readonly Dictionary<string, HostArray> given;
    private readonly string prefix;
    private readonly List<string> notes;

    public StateDictFit(StateDict state, LayerGraph graph)
    {
        (this.state, this.graph, notes) = (state, graph, [.. state.Notes]);
        wanted = graph.Parameters.ToDictionary(parameter => parameter.Name);
        prefix = PrefixOf(state.Arrays.Keys, wanted.Keys);
        if (prefix.Length > 0)
            notes.Add($"'{prefix}' before all names was left out.");
        given = state.Arrays.ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value);
        var ranges = given.Keys.Where(StateDictNames.IsRange).ToArray();
        if (ranges.Length > 0)
            notes.Add($"{StateDictText.Counted(ranges.Length, "range")} of pytorch-quantization: no weights, so not loaded; QuantizerState reads them.");
        foreach (var range in ranges)
            given.Remove(range);
    }

    public LoadedWeights Loaded()
    {
        var loaded = ImmutableSortedDictionary.CreateBuilder<string, HostArray>(StringComparer.Ordinal);
        var faults = Faults().ToList();
        if (faults.Count == 0)
        {
            foreach (var (name, array) in given)
                loaded[name] = Floats(array);
            var broken = loaded.Select(entry => (entry.Key, Place: FirstNotFinite(entry.Value.Floats))).Where(entry => entry.Place >= 0).ToArray();
            if (broken.Length > 0)
                faults.Add($"NaN or infinite are {StateDictText.Listed(broken.Select(entry => $"{entry.Key} (first at value {entry.Place})"))}: did the training diverge?");
        }

        if (faults.Count > 0)
            throw new InvalidDataException($"{state.Source} does not fit network {graph.Name}; nothing was loaded. {string.Join(" ", faults)}");

        foreach (var same in given.Values.Where(array => array.Type != ElementType.F32).GroupBy(array => array.Type).OrderBy(same => same.Key))
            notes.Add($"{StateDictText.Counted(same.Count(), "array")} of {same.Key} became float32{(same.Key == ElementType.F64 ? ", rounded" : "")}.");
        return new(loaded.ToImmutable(), Masks(loaded), [.. notes]);
    }

    private IEnumerable<string> Faults()
    {
        var missing = wanted.Values.Where(parameter => !given.ContainsKey(parameter.Name)).ToArray();
        var unexpected = given.Keys.Where(name => !wanted.ContainsKey(name)).Order(StringComparer.Ordinal).ToArray();
        var misshapen = wanted.Values.Where(parameter => given.TryGetValue(parameter.Name, out var array) && !array.Shape.SequenceEqual(parameter.Shape)).ToArray();
        var integers = given.Where(entry => wanted.ContainsKey(entry.Key) && entry.Value.Type is not (ElementType.F32 or ElementType.F64 or ElementType.F16 or ElementType.BF16))
            .OrderBy(entry => entry.Key, StringComparer.Ordinal).ToArray();
        var masks = state.Masks.Where(mask => !wanted.TryGetValue(Bare(mask.Key), out var weight) || !weight.Shape.SequenceEqual(mask.Value.Shape)).ToArray();

        if (missing.Length > 0)
            yield return $"Missing are {StateDictText.Listed(missing.Select(parameter => $"{parameter.Name} {StateDictText.Shape(parameter.Shape)}{Meant(parameter, unexpected)}"))}.";
        if (unexpected.Length > 0)
            yield return $"Unexpected are {StateDictText.Listed(unexpected.Select(name => $"{name} {StateDictText.Shape(given[name])}"))}.";
        if (misshapen.Length > 0)
        {
            yield return "Of another shape are "
                + StateDictText.Listed(misshapen.Select(parameter => $"{parameter.Name} {StateDictText.Shape(given[parameter.Name])} where {StateDictText.Shape(parameter.Shape)} is taken")) + ".";
        }

        if (integers.Length > 0)
        {
            yield return $"Integers are {StateDictText.Listed(integers.Select(entry => $"{entry.Key} ({entry.Value.Type})"))}; what one step of them is worth is not said, "
                + "so save the float model, or import a quantized model as ONNX.";
        }

        if (masks.Length > 0)
            yield return $"Masks of no such weight are {StateDictText.Listed(masks.Select(mask => $"{mask.Key} {StateDictText.Shape(mask.Value)}"))}.";
        if (missing.Length + unexpected.Length + misshapen.Length > 0 && (Classes(misshapen) ?? Network()) is { } advice)
            yield return advice;
    }

    // A missing parameter that the file has under a name like it, or under the only other name of its shape.
    private string Meant(ParameterShape parameter, string[] unexpected)
    {
        var alike = unexpected.Where(name => given[name].Shape.SequenceEqual(parameter.Shape)).ToArray();
        if (alike.Length == 0)
            return "";
        var nearest = alike.MinBy(name => LayerPatterns.Edits(name, parameter.Name))!;
        return alike.Length == 1 || LayerPatterns.Edits(nearest, parameter.Name) <= parameter.Name.Length / 4 ? $" (is it '{nearest}'?)" : "";
    }

    // All that is wrong is the number of classes.
    private string? Classes(ParameterShape[] misshapen)
    {
        if (graph.WeightedNodes.LastOrDefault() is not { } last || misshapen.Length == 0 || misshapen.Any(parameter => !last.Parameters.Any(own => own.Name == parameter.Name)))
            return null;
        var weight = last.Parameters.First();
        var found = given.GetValueOrDefault(weight.Name);
        return found is not null && found.Shape.Length == weight.Shape.Length && found.Shape.Skip(1).SequenceEqual(weight.Shape.Skip(1))
            ? $"Its last layer '{last.Name}' tells {found.Shape[0]} classes apart, and that of the network {weight.Shape[0]}: build the network with {found.Shape[0]} classes, or save a model with {weight.Shape[0]}."
            : null;
    }

    // Another network of the family, or this one in another width.
    private string? Network()
    {
        if (given.GetValueOrDefault("conv1.weight")?.Shape is not [var width and >= 1 and <= 4096, var channels and >= 1 and <= 4096, ..]
            || given.GetValueOrDefault("fc.weight")?.Shape is not [var classes and >= 2 and <= 1 << 20, _])
        {
            return null;
        }

        foreach (var name in ResNet.Names)
        {
            var other = ResNet.Build(name, graph.InputShape with { Channels = (int)channels }, (int)classes, (int)width).Parameters.ToArray();
            if (other.Length == given.Count && other.All(parameter => given.TryGetValue(parameter.Name, out var array) && array.Shape.SequenceEqual(parameter.Shape)))
                return $"The file fits {name} of width {width} for {channels} channels and {classes} classes.";
        }

        return null;
    }

    private ImmutableSortedDictionary<string, HostArray> Masks(ImmutableSortedDictionary<string, HostArray>.Builder weights)
    {
        var pruning = state.Masks.Where(mask => mask.Value.UnsignedBytes.Contains((byte)0)).Select(mask => (Name: Bare(mask.Key), mask.Value)).ToArray();
        if (pruning.Length < state.Masks.Count)
            notes.Add($"{state.Masks.Count - pruning.Length} of {state.Masks.Count} masks keep every weight, as ASP has them until masks are computed; they were left out.");
        var loose = pruning.Select(mask => (mask.Name, Count: NotZero(weights[mask.Name].Floats, mask.Value.UnsignedBytes))).Where(mask => mask.Count > 0).ToArray();
        if (loose.Length > 0)
        {
            notes.Add(
                $"Not zero, though their masks prune them, are values of {StateDictText.Listed(loose.Select(mask => $"{mask.Name} ({mask.Count})"))}. The weights are as the file has them; "
                + "multiply them by their masks for the pruned network.");
        }

        return pruning.ToImmutableSortedDictionary(mask => mask.Name, mask => mask.Value, StringComparer.Ordinal);
    }

    private string Bare(string mask) => mask.StartsWith(prefix, StringComparison.Ordinal) ? mask[prefix.Length..] : mask;

    /// <summary>model. of model.conv1.weight, where every name has it and no name of the network.</summary>
    private static string PrefixOf(IEnumerable<string> names, IReadOnlyCollection<string> wanted)
    {
        string[] all = [.. names];
        var prefix = "";
        while (all.Length > 0 && all[0].IndexOf('.', prefix.Length) is >= 0 and var dot)
        {
            var longer = all[0][..(dot + 1)];
            if (all.Any(name => !name.StartsWith(longer, StringComparison.Ordinal) || name.Length == longer.Length) || wanted.Any(name => name.StartsWith(longer[prefix.Length..], StringComparison.Ordinal)))
                break;
            prefix = longer;
        }

        // A prefix that leaves no known name is none: conv9. of a file of a single layer.
        return all.Any(name => wanted.Contains(name[prefix.Length..])) ? prefix : "";
    }

    private static HostArray Floats(HostArray array) => array.Type == ElementType.F32 ? array : HostArray.Of(array.ToFloats(), array.Shape.AsSpan());

    private static int FirstNotFinite(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                return i;
        }

        return -1;
    }

    private static int NotZero(ReadOnlySpan<float> weight, ReadOnlySpan<byte> mask)
    {
        var count = 0;
        for (var i = 0; i < weight.Length; i++)
            count += mask[i] == 0 && weight[i] != 0 ? 1 : 0;
        return count;
    }
}
