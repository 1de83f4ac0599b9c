using System.Collections.Immutable;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Quantization;

/// <summary>Calibrated ranges as a safetensors file: activation/NAME [1] and weight/NODE [K], float32.</summary>
public static class QuantizationRangesFile
{
    private const string ActivationPrefix = "activation/";
    private const string WeightPrefix = "weight/";

    /// <summary>The file's bytes; equal ranges give equal bytes.</summary>
    public static byte[] Write(QuantizationRanges ranges)
    {
        var arrays = new Dictionary<string, HostArray>();
        foreach (var (tensor, amax) in ranges.Activations)
            arrays[ActivationPrefix + tensor] = HostArray.Of([amax], 1);
        foreach (var (node, amax) in ranges.Weights)
            arrays[WeightPrefix + node] = HostArray.Of(amax.AsSpan(), amax.Length);
        return SafeTensors.Write(arrays);
    }

    /// <summary>Reads a file written by <see cref="Write"/>.</summary>
    /// <exception cref="InvalidDataException">It is not such a file.</exception>
    public static QuantizationRanges Read(byte[] file, string source)
    {
        var arrays = SafeTensors.Read(file, source);
        return new(
            Under(ActivationPrefix).ToImmutableSortedDictionary(entry => entry.Name, entry => entry.Array.Floats[0], StringComparer.Ordinal),
            Under(WeightPrefix).ToImmutableSortedDictionary(entry => entry.Name, entry => ImmutableArray.Create(entry.Array.Floats), StringComparer.Ordinal));

        IEnumerable<(string Name, HostArray Array)> Under(string prefix) =>
            arrays.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(entry => (entry.Key[prefix.Length..], entry.Value));
    }
}
