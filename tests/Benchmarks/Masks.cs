using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Benchmarks;

/// <summary>Masks of all weights of a ResNet-50 that can be pruned (53 layers, 25.4 million values), one thread, by pattern.</summary>
public class Masks
{
    private readonly ImmutableArray<HostArray> weights = [.. Networks.Prunable(Networks.ResNet50).Select(weight => weight.Value)];
    private float[][] values = null!;
    private MaskPattern pattern = null!;

    /// <summary>The pattern's name.</summary>
    [Params("m4n2_1d", "m4n2_2d_best", "m4n2_2d_greedy", "m4n1_1d", "m8n4_1d", "m16n8_1d")]
    public string Pattern { get; set; } = "m4n2_1d";

    [GlobalSetup]
    public void Setup() => (values, pattern) = ([.. weights.Select(weight => weight.ToFloats())], MaskPattern.Named(Pattern));

    [Benchmark]
    public long All()
    {
        var length = 0L;
        for (var i = 0; i < values.Length; i++)
            length += pattern.Of(values[i], weights[i].Shape.AsSpan()).Length;
        return length;
    }
}
