using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Training;

/// <summary>Everything a calibration pass needs to go on as if it had never stopped: how many images are counted, and the histograms they are counted in.</summary>
/// <param name="Images">Images done; a multiple of the batch size.</param>
/// <param name="Histograms">Tensor name to histogram.</param>
public sealed record CalibrationCheckpoint(int Images, IReadOnlyDictionary<string, ActivationHistogram> Histograms)
{
    private const string Prefix = "histograms/";
    private const string Counts = "/counts";

    /// <summary>As a safetensors file.</summary>
    public byte[] ToBytes()
    {
        var arrays = new Dictionary<string, HostArray> { ["images"] = HostArray.Of([(long)Images], 1) };
        foreach (var (tensor, histogram) in Histograms)
        {
            foreach (var (name, array) in histogram.ToArrays($"{Prefix}{tensor}/"))
                arrays[name] = array;
        }

        return SafeTensors.Write(arrays);
    }

    /// <summary>Reads a file written by <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidDataException">It is not such a file.</exception>
    public static CalibrationCheckpoint FromBytes(byte[] bytes)
    {
        var arrays = SafeTensors.Read(bytes, "the checkpoint");
        if (!arrays.TryGetValue("images", out var images) || images.Type != ElementType.I64 || images.Count != 1 || images.Longs[0] is < 0 or > int.MaxValue)
            throw new InvalidDataException("The checkpoint holds no calibration state; delete it, and the stage starts over.");

        var tensors = arrays.Keys
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Counts, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Counts.Length]);
        return new((int)images.Longs[0], tensors.ToDictionary(tensor => tensor, tensor => ActivationHistogram.FromArrays(arrays, $"{Prefix}{tensor}/")));
    }
}
