using System.Collections.Immutable;
using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Randomness;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>Networks with weights drawn from a seed and ranges taken from a batch of random images.</summary>
internal sealed record RandomNetwork(LayerGraph Graph, IReadOnlyDictionary<string, HostArray> Weights, QuantizerPlacement Placement, QuantizationRanges Ranges)
{
    public ExecutionPlan Plan(int batch) => ExecutionPlan.Of(Graph, Weights, Placement, Ranges, RoundingRule.Onnx, batch);

    /// <summary>The network as it is fake-quantized.</summary>
    public GraphNetwork FakeQuantized()
    {
        var network = new GraphNetwork(Graph, Weights, ComputeDevice.Cpu);
        network.Quantize(Placement, Ranges, RoundingRule.Onnx);
        return network;
    }

    /// <param name="twoFour">Prunes every layer whose channels come in fours.</param>
    /// <param name="layers">Which layers are quantized; null for all.</param>
    public static RandomNetwork Of(LayerGraph graph, int seed, bool twoFour = true, QuantizedLayers? layers = null)
    {
        var weights = GraphNetwork.Initial(graph, seed).ToBuilder();
        foreach (var parameter in graph.Parameters)
        {
            var random = new CounterRandom(seed, $"test {parameter.Name}");
            var values = weights[parameter.Name].Floats.ToArray();
            for (var i = 0; i < values.Length; i++)
            {
                if (parameter.Name.EndsWith("running_var", StringComparison.Ordinal))
                    values[i] = 0.5f + (float)random.Uniform(0, i);
                else if (parameter.Shape.Length == 1)
                    values[i] += 0.2f * (float)random.Normal(0, i);
            }

            if (twoFour && parameter.Shape.Length >= 2 && parameter.Shape[1] % 4 == 0)
                PruneAlongChannels(values, parameter.Shape);
            weights[parameter.Name] = HostArray.Of(values, parameter.Shape.AsSpan());
        }

        var arrays = weights.ToImmutable();
        var placement = QuantizerPlacement.Of(graph, Dialect.CudaInt8, layers ?? QuantizedLayers.All);
        return new(graph, arrays, placement, Calibrate(graph, arrays, placement, seed));
    }

    /// <summary>The network with amax 1 for every quantizer, where only shapes count.</summary>
    public static RandomNetwork WithRangesOfOne(LayerGraph graph)
    {
        var placement = QuantizerPlacement.Of(graph, Dialect.CudaInt8);
        return new(graph, GraphNetwork.Initial(graph, 1), placement, new(
            placement.Activations.ToImmutableSortedDictionary(quantizer => quantizer.Tensor, _ => 1f, StringComparer.Ordinal),
            placement.Weights.ToImmutableSortedDictionary(name => name, _ => ImmutableArray.Create(1f), StringComparer.Ordinal)));
    }

    /// <summary>Images with the values of a normal distribution, [N, C, H, W].</summary>
    public float[] Images(int count, int seed)
    {
        var random = new CounterRandom(seed, "images");
        return [.. Enumerable.Range(0, count * Graph.InputShape.Count).Select(i => (float)random.Normal(0, i))];
    }

    private static QuantizationRanges Calibrate(LayerGraph graph, ImmutableSortedDictionary<string, HostArray> weights, QuantizerPlacement placement, int seed)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = new GraphNetwork(graph, weights, ComputeDevice.Cpu);
        var amax = ImmutableSortedDictionary.CreateBuilder<string, float>(StringComparer.Ordinal);
        var quantized = placement.Activations.Select(quantizer => quantizer.Tensor).ToHashSet();
        var shape = graph.InputShape;
        var random = new CounterRandom(seed, "calibration");
        var images = Enumerable.Range(0, 2 * shape.Count).Select(i => (float)random.Normal(0, i)).ToArray();
        network.Forward(tensor(images, [2, shape.Channels, shape.Height, shape.Width]), training: false, (name, value) =>
        {
            if (quantized.Contains(name))
                amax[name] = value.abs().max().item<float>() * 0.9f;
        }).Dispose();
        return new(amax.ToImmutable(), graph.WeightedNodes.Where(node => placement.Weights.Contains(node.Name)).ToImmutableSortedDictionary(
            node => node.Name, node => AmaxOf(weights[((IWeightedNode)node).WeightName]), StringComparer.Ordinal));
    }

    private static ImmutableArray<float> AmaxOf(HostArray weight)
    {
        var (values, perChannel) = (weight.Floats.ToArray(), (int)(weight.Count / weight.Shape[0]));
        return [.. values.Chunk(perChannel).Select(row => row.Max(MathF.Abs))];
    }

    // Two of each four along axis 1 become zero.
    private static void PruneAlongChannels(float[] values, ImmutableArray<long> shape)
    {
        var (channels, taps) = ((int)shape[1], (int)shape.Skip(2).Aggregate(1L, (product, size) => product * size));
        for (var k = 0; k < shape[0]; k++)
        {
            for (var tap = 0; tap < taps; tap++)
            {
                for (var c = 0; c < channels; c += 4)
                {
                    int At(int q) => ((int)k * channels + c + q) * taps + tap;
                    foreach (var q in Enumerable.Range(0, 4).OrderBy(q => MathF.Abs(values[At(q)])).Take(2))
                        values[At(q)] = 0;
                }
            }
        }
    }
}
