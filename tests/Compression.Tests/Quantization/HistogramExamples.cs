using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Quantization;

/// <summary>Histograms given by their counts.</summary>
internal static class HistogramExamples
{
    public static ActivationHistogram Of(long[] counts, float width = 1f / 256) => ActivationHistogram.FromArrays(
        new Dictionary<string, HostArray>
        {
            ["counts"] = HostArray.Of(counts, counts.Length),
            ["width"] = HostArray.Of([width], 1),
            ["max"] = HostArray.Of([(Array.FindLastIndex(counts, count => count != 0) + 1) * width], 1),
        },
        "");

    public static long[] Counts(int bins, Func<long, long> count) => [.. Enumerable.Range(0, bins).Select(bin => count(bin))];

    /// <summary>The five histograms of 2048 bins whose results were worked out in float64.</summary>
    public static long[] Named(string name)
    {
        var counts = name switch
        {
            "1000000 div (1+j)" => Counts(2048, j => 1_000_000 / (1 + j)),
            "2048 - j" => Counts(2048, j => 2048 - j),
            "1000000 div (1+j²)" => Counts(2048, j => 1_000_000 / (1 + j * j)),
            "max(0, 600-j), outlier" => Counts(2048, j => Math.Max(0, 600 - j)),
            "max(0, 2250000-j²) div 100, outlier" => Counts(2048, j => Math.Max(0, 2_250_000 - j * j) / 100),
            _ => throw new ArgumentException(name),
        };
        if (name.EndsWith("outlier"))
            counts[2047] = name.StartsWith("max(0, 600") ? 1 : 5;
        return counts;
    }
}
