using System.Numerics;
using System.Runtime.InteropServices;
using SparseGrid.Compression.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Quantization;

/// <summary>A histogram of |x| over all batches of one activation; every calibration method reads its range from it.</summary>
/// <remarks>
/// <para>Bins of equal width start at 0. The first batch that is not all zeros sets width = max / bins in float32; a larger batch appends bins of that width,
/// ⌈max / width⌉ in all. |x| falls in bin ⌊|x| / width⌋ (float32 division), the last bin taking what lies on its upper edge. So a value's bin never
/// depends on batches that came later. Edge k is k·width, rounded once.</para>
/// <para>The definition is that of pytorch-quantization's histogram calibrator; what differs: counts are 64-bit (its float32 ones stop at 2^24), zeros that
/// come
/// before the first other value are counted (it fails on them), and there is always one edge more than bins (rounding there may add or lose one; its edges
/// differ from these by
/// a unit in the last place or two). Past 32,768 bins neighbours are joined in pairs, so a freak batch cannot eat the memory.</para>
/// </remarks>
public sealed class ActivationHistogram
{
    private const int FewestBins = 256;
    private const int MostBins = 32_768;
    private const int Infinity = 0x7F80_0000;                 // its bits; those of every NaN are above
    private const string Skipped = "zeros_skipped";
    private long[] counts;

    /// <summary>An empty histogram.</summary>
    /// <param name="bins">Bins over the range of the first batch, 256 to 32,768.</param>
    /// <param name="skipsZeros">True leaves values of exactly 0 out, of which there are many behind a ReLU or in black pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bins"/> is outside that range.</exception>
    public ActivationHistogram(int bins = 2048, bool skipsZeros = false)
        : this(new long[CheckedBins(bins)], 0, 0) => SkipsZeros = skipsZeros;

    private ActivationHistogram(long[] counts, float width, float max) => (this.counts, Width, Max) = (counts, width, max);

    /// <summary>True where values of exactly 0 are left out of the counts.</summary>
    public bool SkipsZeros { get; private init; }

    /// <summary>How many zeros were left out.</summary>
    public long ZerosSkipped { get; private set; }

    /// <summary>How many values fell in each bin.</summary>
    public ReadOnlySpan<long> Counts => counts;

    /// <summary>Width of a bin in the activation's units; 0 until a value other than 0 was seen.</summary>
    public float Width { get; private set; }

    /// <summary>The largest |x| seen.</summary>
    public float Max { get; private set; }

    /// <summary>How many values are counted.</summary>
    public long Total => counts.Sum();

    /// <summary>How many values were seen, those left out among them.</summary>
    public long Seen => Total + ZerosSkipped;

    /// <summary>Lower edge of bin k in the activation's units; also its upper edge for k = the number of bins.</summary>
    public float Edge(int k) => MathF.Min(k * Width, float.MaxValue);

    /// <summary>Centre of bin k in the activation's units.</summary>
    public float Centre(int k) => Edge(k) / 2 + Edge(k + 1) / 2;

    /// <summary>Counts the values of one batch.</summary>
    /// <param name="x">The activation, any shape flattened.</param>
    /// <param name="name">The activation's name, for messages.</param>
    /// <param name="batch">Which batch this is, for messages: "images 65 to 128".</param>
    /// <exception cref="ArgumentException">A value is NaN or infinite; nothing was counted then.</exception>
    public void Collect(ReadOnlySpan<float> x, string name, string? batch = null)
    {
        if (x.IsEmpty)
            return;
        Cover(LargestMagnitude(MemoryMarshal.Cast<float, int>(x)), name, batch);
        var zeros = SkipsZeros ? x.Count(0f) : 0;             // of both signs
        if (Width == 0)
        {
            counts[0] += x.Length;
        }
        else
        {
            var last = counts.Length - 1;
            foreach (var value in x)
                counts[Math.Min((int)(MathF.Abs(value) / Width), last)]++;
        }

        Skip(zeros);
    }

    /// <summary>Counts the values of one batch on its own device; only the counts come back.</summary>
    /// <param name="x">The activation, float32, any shape.</param>
    /// <param name="name">The activation's name, for messages.</param>
    /// <param name="batch">Which batch this is, for messages: "images 65 to 128".</param>
    /// <exception cref="ArgumentException">A value is NaN or infinite, or the tensor is not float32; nothing was counted then.</exception>
    public void Collect(Tensor x, string name, string? batch = null)
    {
        if (x.dtype != ScalarType.Float32)
            throw new ArgumentException($"The activation '{name}' is {x.dtype}: histograms are of Float32. Convert it first.", nameof(x));
        if (x.numel() == 0)
            return;

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (x.device_type == DeviceType.CPU)
            Collect(MemoryMarshal.Cast<byte, float>(x.detach().contiguous().bytes), name, batch);
        else
            CollectByOperators(x, name, batch);
    }

    /// <summary>Counts with tensor operators, on whatever device the values are.</summary>
    internal void CollectByOperators(Tensor x, string name, string? batch = null)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var magnitude = x.detach().flatten().abs();
        Cover(magnitude.max().item<float>(), name, batch);
        var zeros = SkipsZeros ? magnitude.numel() - magnitude.count_nonzero().item<long>() : 0;
        if (Width == 0)
        {
            counts[0] += magnitude.numel();
            Skip(zeros);
            return;
        }

        // By a tensor: CUDA would multiply by the reciprocal of a number, which puts values near an edge into other bins.
        var width = full([], Width, ScalarType.Float32, x.device);
        var bin = magnitude.div_(width).to(ScalarType.Int64).clamp_max_(counts.Length - 1);
        var added = bin.bincount(null, counts.Length).cpu().data<long>().ToArray();
        for (var i = 0; i < counts.Length; i++)
            counts[i] += added[i];
        Skip(zeros);
    }

    /// <summary>Everything a later <see cref="FromArrays"/> needs: {prefix}counts I64 [bins], {prefix}width and {prefix}max F32 [1]; where zeros are left out,
    /// their number {prefix}zeros_skipped I64 [1].</summary>
    public IReadOnlyDictionary<string, HostArray> ToArrays(string prefix)
    {
        var arrays = new Dictionary<string, HostArray>
        {
            [prefix + "counts"] = HostArray.Of(counts, counts.Length),
            [prefix + "width"] = HostArray.Of([Width], 1),
            [prefix + "max"] = HostArray.Of([Max], 1),
        };
        if (SkipsZeros)
            arrays[prefix + Skipped] = HostArray.Of([ZerosSkipped], 1);
        return arrays;
    }

    /// <summary>The histogram that <see cref="ToArrays"/> wrote.</summary>
    /// <exception cref="InvalidDataException">An array is missing, or is not what a histogram holds.</exception>
    public static ActivationHistogram FromArrays(IReadOnlyDictionary<string, HostArray> arrays, string prefix)
    {
        HostArray Find(string name, ElementType type) =>
            arrays.TryGetValue(prefix + name, out var array) && array.Type == type && array.Shape.Length == 1 && array.Count > 0
                ? array
                : throw new InvalidDataException($"'{prefix}{name}' is missing or no {type} vector: this is not a stored histogram. Collect it again.");

        var counts = Find("counts", ElementType.I64).Longs.ToArray();
        var (width, max) = (Find("width", ElementType.F32).Floats[0], Find("max", ElementType.F32).Floats[0]);
        var skipsZeros = arrays.ContainsKey(prefix + Skipped);
        var zeros = skipsZeros ? Find(Skipped, ElementType.I64).Longs[0] : 0;
        if (zeros < 0 || counts.Length is < FewestBins or > MostBins || counts.Any(count => count < 0)
            || width is not (>= 0 and <= float.MaxValue) || max is not (>= 0 and <= float.MaxValue) || (width == 0) != (max == 0))
        {
            throw new InvalidDataException($"'{prefix}' holds {counts.Length} counts, width {width} and max {max}, which no histogram can have. Collect it again.");
        }

        return new(counts, width, max) { SkipsZeros = skipsZeros, ZerosSkipped = zeros };
    }

    // Makes room for a batch whose largest |x| is max.
    private void Cover(float max, string name, string? batch)
    {
        if (!float.IsFinite(max))
        {
            throw new ArgumentException(
                $"The activation '{name}' holds NaN or infinite values{(batch is null ? "" : $" in {batch}")}: ranges can be calibrated from finite ones only. "
                + "Check the weights of this network.");
        }

        if (max == 0)
            return;

        // Below the smallest normal number a width would lose its precision, or be 0.
        if (Width == 0)
            Width = MathF.Max(max / counts.Length, 1.17549435e-38f);
        Max = MathF.Max(Max, max);
        while (MathF.Ceiling(max / Width) > MostBins)
            JoinPairs();
        if (max > Edge(counts.Length))
            Array.Resize(ref counts, Math.Max(counts.Length, (int)MathF.Ceiling(max / Width)));
    }

    // Zeros were counted in the first bin with the rest.
    private void Skip(long zeros)
    {
        counts[0] -= zeros;
        ZerosSkipped += zeros;
    }

    private void JoinPairs()
    {
        var joined = new long[Math.Max((counts.Length + 1) / 2, FewestBins)];
        for (var i = 0; i < counts.Length; i++)
            joined[i / 2] += counts[i];
        counts = joined;
        Width *= 2;
    }

    // Magnitudes of floats are ordered as their bits without the sign are; NaN comes out above infinity.
    private static float LargestMagnitude(ReadOnlySpan<int> bits)
    {
        var largest = 0;
        var vectors = MemoryMarshal.Cast<int, Vector<int>>(bits);
        if (vectors.Length > 0)
        {
            var magnitude = new Vector<int>(int.MaxValue);
            var lanes = Vector<int>.Zero;
            foreach (var vector in vectors)
                lanes = Vector.Max(lanes, vector & magnitude);
            for (var lane = 0; lane < Vector<int>.Count; lane++)
                largest = Math.Max(largest, lanes[lane]);
        }

        foreach (var value in bits[(vectors.Length * Vector<int>.Count)..])
            largest = Math.Max(largest, value & int.MaxValue);
        return BitConverter.Int32BitsToSingle(Math.Min(largest, Infinity));
    }

    private static int CheckedBins(int bins) =>
        bins is >= FewestBins and <= MostBins
            ? bins
            : throw new ArgumentOutOfRangeException(nameof(bins), bins, $"bins is {bins}: a histogram for 8 bits has {FewestBins} to {MostBins}.");
}
