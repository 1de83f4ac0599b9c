using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>Seeded weights, images and ranges that look like those of a trained network.</summary>
internal static class TestNetwork
{
    /// <summary>Weights of standard deviation sqrt(2 / fan in); normalizations near 1 and 0, every fifth γ negative.</summary>
    public static Dictionary<string, HostArray> Weights(LayerGraph graph, int seed, bool twoFour = false)
    {
        var weights = new Dictionary<string, HostArray>();
        foreach (var parameter in graph.Parameters)
        {
            var values = Normal(checked((int)parameter.Count), seed++);
            for (var i = 0; i < values.Length; i++)
                values[i] = ValueOf(parameter, values[i], i);
            if (twoFour && parameter.Shape.Length > 1 && parameter.Shape[1] % 4 == 0)
                Prune(values, parameter.Shape);
            weights[parameter.Name] = HostArray.Of(values, parameter.Shape.AsSpan());
        }

        return weights;
    }

    public static float[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (var i = 0; i < count; i++)
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }

    /// <summary>
    /// Ranges near the largest values on these images, all different: some values are clipped, and averages of levels do not fall on rounding boundaries, as
    /// they do where
    /// a pool's input and output have one scale.
    /// </summary>
    public static QuantizationRanges Ranges(
        LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, QuantizerPlacement placement, float[] images, int batch)
    {
        var tensors = new ReferenceForward(graph, weights).Run(images, batch);
        return new(
            placement.Activations.Select((quantizer, i) => (quantizer.Tensor, Share: 0.97 - 0.0013 * i)).ToImmutableSortedDictionary(
                place => place.Tensor, place => (float)(tensors[place.Tensor].Max(Math.Abs) * place.Share)),
            placement.Weights.ToImmutableSortedDictionary(name => name, name => ChannelAmax(weights[$"{name}.weight"])));
    }

    public static ImmutableArray<float> ChannelAmax(HostArray weight)
    {
        var (values, channels) = (weight.Floats.ToArray(), (int)weight.Shape[0]);
        return [.. values.Chunk(values.Length / channels).Select(channel => channel.Max(MathF.Abs))];
    }

    private static float ValueOf(ParameterShape parameter, float normal, int index) => parameter switch
    {
        { Shape.Length: > 1 } => normal * MathF.Sqrt(2f * parameter.Shape[0] / parameter.Count),
        { Name: var name } when name.EndsWith("running_var", StringComparison.Ordinal) => 1 + 0.5f * MathF.Tanh(normal),
        { Name: var name } when name.EndsWith(".weight", StringComparison.Ordinal) => (1 + 0.3f * MathF.Tanh(normal)) * (index % 5 == 4 ? -1 : 1),
        _ => normal * 0.2f,
    };

    /// <summary>Keeps the first and last of every four input channels.</summary>
    private static void Prune(float[] values, ImmutableArray<long> shape)
    {
        var inner = shape.Skip(2).Aggregate(1L, (product, size) => product * size);
        for (var i = 0; i < values.Length; i++)
        {
            if (i / inner % shape[1] % 4 is 1 or 2)
                values[i] = 0;
        }
    }
}
