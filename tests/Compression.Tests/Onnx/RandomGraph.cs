using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>Small networks of random shape, and random choices of their layers; functions of the seed.</summary>
internal static class RandomGraph
{
    /// <summary>Convolutions (grouped, strided, with bias or normalization), pools, residual blocks, branches that are added or joined, one or two fully connected layers or heads.</summary>
    public static LayerGraph Of(int seed)
    {
        var random = new Random(seed);
        var builder = new GraphBuilder("input");
        var (channels, size) = (random.Next(1, 3) * 2, 8);
        var shape = new ImageShape(channels, size, size);
        var x = builder.Input;
        string Conv(string name, string from, int to, int stride = 1) => random.Next(3) switch
        {
            0 => builder.Add(new Conv(name, from, $"{name}_out", channels, to, Window.Square(3, stride, 1), Groups: 2, HasBias: true)),
            1 => builder.ConvNorm(name, $"{name}.bn", from, channels, to, Window.Square(1, stride)),
            _ => builder.ConvNormRelu(name, $"{name}.bn", $"{name}.relu", from, channels, to, Window.Square(3, stride, 1)),
        };

        var steps = random.Next(2, 6);
        for (var step = 0; step < steps; step++)
        {
            var (to, name) = (random.Next(1, 4) * 2, $"s{step}");
            switch (random.Next(8))
            {
                case 0:
                    var stride = size >= 4 && random.Next(2) == 0 ? 2 : 1;
                    x = Conv($"{name}.conv", x, to, stride);
                    (channels, size) = (to, size / stride);
                    break;
                case 1 when size >= 4:
                    x = builder.Add(new MaxPool($"{name}.most", x, $"{name}.most_out", Window.Square(3, 2, 1)));
                    size /= 2;
                    break;
                case 2 when size >= 4:
                    x = builder.Add(new AveragePool($"{name}.mean", x, $"{name}.mean_out", Window.Square(2, 2)));
                    size /= 2;
                    break;
                case 3:
                    x = ResNet.AddBasicBlock(builder, name, x, channels, to, stride: 1);
                    channels = to;
                    break;
                case 4:
                    x = builder.Add(new Add($"{name}.add", Conv($"{name}.left", x, to), Conv($"{name}.right", x, to), $"{name}.add_out"));
                    channels = to;
                    break;
                case 5:
                    x = builder.Add(new Concat($"{name}.concat", [Conv($"{name}.left", x, to), x], $"{name}.concat_out"));
                    channels += to;
                    break;
                case 6:
                    var most = builder.Add(new MaxPool($"{name}.most", x, $"{name}.most_out", Window.Square(3, 1, 1)));
                    x = builder.Add(new Add($"{name}.add", Conv($"{name}.behind", most, to), Conv($"{name}.beside", x, to), $"{name}.add_out"));
                    channels = to;
                    break;
                default:
                    x = builder.Add(new Relu($"{name}.relu", x, $"{name}.relu_out"));
                    break;
            }
        }

        if (random.Next(3) > 0)
        {
            x = builder.Add(new GlobalAveragePool("pool", x, "pool_out"));
            size = 1;
        }

        var flat = builder.Add(new Flatten("flatten", x, "flatten_out"));
        var features = channels * size * size;
        switch (random.Next(4))
        {
            case 0:
                flat = builder.Add(new Gemm("hidden", flat, "hidden_out", features, 6, HasBias: false));
                x = builder.Add(new Gemm("fc", flat, "output", 6, 3));
                break;
            case 1:
                var other = random.Next(2) == 0 ? flat : builder.Add(new Flatten("flatten2", x, "flatten2_out"));
                x = builder.Add(new Add("heads", builder.Add(new Gemm("fc", flat, "fc_out", features, 3)), builder.Add(new Gemm("fc2", other, "fc2_out", features, 3)), "output"));
                break;
            default:
                x = builder.Add(new Gemm("fc", flat, "output", features, 3));
                break;
        }

        return new($"random{seed}", "input", shape, x, builder.Nodes);
    }

    /// <summary>A choice that leaves at least one weight to quantize.</summary>
    public static QuantizedLayers Layers(LayerGraph graph, int seed)
    {
        var random = new Random(seed);
        var names = graph.Nodes.Where(QuantizedLayers.Has).Select(node => node.Name).ToArray();
        LayerPatterns? Some(double share) => names.Where(_ => random.NextDouble() < share).ToArray() is { Length: > 0 } some ? LayerPatterns.Parse(some) : null;
        while (true)
        {
            var layers = new QuantizedLayers(
                random.Next(3) == 0 ? Some(0.7) : null, Some(random.Next(3) * 0.25), random.Next(2) == 0, (FloatEnds)random.Next(8) is var ends && Enum.IsDefined(ends) ? ends : FloatEnds.None);
            try
            {
                layers.Of(graph);
                return layers;
            }
            catch (InvalidDataException)                      // nothing is left
            {
            }
        }
    }
}
