using System.Collections.Immutable;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Weights;

/// <summary>What the names of a state dict say: wrappers of the model, counters, and the buffers of pruning and quantization.</summary>
internal static class StateDictNames
{
    private const string Parallel = "module.";
    private const string Compiled = "_orig_mod.";
    private const string MaskSuffix = "_mma_mask";
    private const string PrunedSuffix = "_mma_pruned_p";

    /// <summary>Sorts a file's tensors into arrays and masks; counters and the values that ASP stowed away are left out.</summary>
    /// <exception cref="InvalidDataException">Two tensors have one name but for a wrapper's prefix, or a mask is none.</exception>
    public static StateDict Apart(string source, IReadOnlyDictionary<string, HostArray> tensors, IEnumerable<string> notes)
    {
        var remarks = notes.ToList();
        var counters = tensors.Keys.Count(IsCounter);
        if (counters > 0)
            remarks.Add($"Left out {StateDictText.Counted(counters, "counter")} (num_batches_tracked, n_averaged), which no network here has.");

        var named = tensors.Where(tensor => !IsCounter(tensor.Key)).Select(tensor => (Name: tensor.Key.Replace(Compiled, "", StringComparison.Ordinal), Array: tensor.Value)).ToArray();
        if (named.GroupBy(entry => entry.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InvalidDataException($"{source} has '{twice.Key}' {twice.Count()} times, once with and once without '{Compiled}' in its name. Save one model alone.");
        if (tensors.Keys.Any(name => name.Contains(Compiled, StringComparison.Ordinal)))
            remarks.Add($"'{Compiled}' in names, of torch.compile, was left out.");
        var wrapped = named.Length;
        while (named.Length > 0 && named.All(entry => entry.Name.StartsWith(Parallel, StringComparison.Ordinal)))
        {
            named = Array.ConvertAll(named, entry => (entry.Name[Parallel.Length..], entry.Array));
            wrapped = 0;
        }

        if (wrapped < named.Length)
            remarks.Add($"'{Parallel}' before all names, of DataParallel, was left out.");
        var stowed = named.Count(entry => IsBuffer(entry.Name, PrunedSuffix));
        if (stowed > 0)
            remarks.Add($"Left out {StateDictText.Counted(stowed, "array")} of pruned values that ASP keeps to bring them back ({PrunedSuffix}).");
        return new(
            source,
            named.Where(entry => !IsBuffer(entry.Name, MaskSuffix) && !IsBuffer(entry.Name, PrunedSuffix))
                .ToImmutableSortedDictionary(entry => entry.Name, entry => entry.Array, StringComparer.Ordinal),
            named.Where(entry => IsBuffer(entry.Name, MaskSuffix))
                .ToImmutableSortedDictionary(entry => Pruned(entry.Name), entry => Mask(source, entry.Name, entry.Array), StringComparer.Ordinal),
            [.. remarks]);
    }

    /// <summary>True for a range of pytorch-quantization, which <see cref="Quantization.QuantizerState"/> reads.</summary>
    public static bool IsRange(string name) => name.EndsWith("_quantizer._amax", StringComparison.Ordinal);

    private static bool IsCounter(string name) => name.EndsWith("num_batches_tracked", StringComparison.Ordinal) || name == "n_averaged";

    // conv2.__weight_mma_mask is the mask of conv2.weight.
    private static bool IsBuffer(string name, string suffix) =>
        name.EndsWith(suffix, StringComparison.Ordinal) && name.AsSpan(name.LastIndexOf('.') + 1) is ['_', '_', _, ..] own && own.Length > 2 + suffix.Length;

    private static string Pruned(string name)
    {
        var dot = name.LastIndexOf('.') + 1;
        return $"{name[..dot]}{name[(dot + 2)..^MaskSuffix.Length]}";
    }

    private static HostArray Mask(string source, string name, HostArray array)
    {
        var values = array.Type is ElementType.U8 or ElementType.I8 ? array.Bytes.ToArray()
            : array.Type is ElementType.I64 or ElementType.I32 ? throw Refused(source, name, $"of type {array.Type}")
            : Array.ConvertAll(array.ToFloats(), value => value is 0 or 1 ? (byte)value : byte.MaxValue);
        var fault = values.AsSpan().IndexOfAnyExcept((byte)0, (byte)1);
        return fault < 0 ? new(ElementType.U8, array.Shape, values) : throw Refused(source, name, $"of other values than 0 and 1, first at place {fault}");
    }

    private static InvalidDataException Refused(string source, string name, string what) =>
        new($"{source} has '{name}', which is named like a mask of ASP, {what}. A mask is of booleans; was the file written by ASP?");
}
