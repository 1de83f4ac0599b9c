using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Randomness;

namespace SparseGrid.Compression.Tests.Permutation;

/// <summary>Small networks drawn from a seed: chains of convolutions with batch normalization, residual blocks, concatenations, grouped and depthwise convolutions,
/// pools, and a classifier on pooled or on flattened maps.</summary>
internal static class RandomGraph
{
    private static readonly int[] Widths = [8, 16, 24, 32, 12];

    public static LayerGraph Of(int seed)
    {
        var random = new CounterRandom(seed, "graph");
        var builder = new GraphBuilder("input");
        var (x, channels, draw) = (ConvNormRelu(builder, "stem", "input", 3, 16), 16, 0);
        int Draw(int most) => random.Integer(0, most, draw++);
        for (var block = 0; block < 3; block++)
        {
            var name = $"b{block}";
            var width = Widths[Draw(4)];
            switch (Draw(5))
            {
                case 0:                                       // a chain
                    x = ConvNormRelu(builder, $"{name}.a", x, channels, width);
                    x = ConvNormRelu(builder, $"{name}.b", x, width, channels = 16);
                    break;
                case 1:                                       // a residual block
                    var branch = ConvNormRelu(builder, $"{name}.a", x, channels, width);
                    branch = builder.Add(new Conv($"{name}.b", branch, $"{name}.b_out", width, channels, Window.Square(1), HasBias: true));
                    x = builder.Add(new Relu($"{name}.relu", builder.Add(new Add($"{name}.add", branch, x, $"{name}.sum")), $"{name}.out"));
                    break;
                case 2:                                       // two branches side by side
                    var left = ConvNormRelu(builder, $"{name}.a", x, channels, 16);
                    var right = ConvNormRelu(builder, $"{name}.b", x, channels, width);
                    x = builder.Add(new Concat($"{name}.concat", [left, right], $"{name}.out"));
                    channels = 16 + width;
                    break;
                case 3:                                       // a grouped convolution between two others
                    x = ConvNormRelu(builder, $"{name}.a", x, channels, 32);
                    x = builder.Add(new Conv($"{name}.g", x, $"{name}.g_out", 32, 32, Window.Square(3, 1, 1), Groups: Draw(1) == 0 ? 2 : 8));
                    x = ConvNormRelu(builder, $"{name}.b", x, 32, channels = width);
                    break;
                case 4:                                       // a depthwise one
                    x = builder.Add(new Conv($"{name}.d", x, $"{name}.d_out", channels, channels, Window.Square(3, 1, 1), Groups: channels, HasBias: true));
                    x = ConvNormRelu(builder, $"{name}.a", x, channels, channels = width);
                    break;
                default:
                    x = builder.Add(new MaxPool($"{name}.pool", x, $"{name}.out", Window.Square(3, 1, 1)));
                    break;
            }
        }

        if (Draw(2) > 0)
            x = builder.Add(new GlobalAveragePool("pool", x, "pooled"));
        var features = x == "pooled" ? channels : channels * 16;
        x = builder.Add(new Flatten("flatten", x, "flat"));
        x = builder.Add(new Gemm("hidden", x, "hidden_out", features, 32));
        x = builder.Add(new Gemm("fc", builder.Add(new Relu("hidden_relu", x, "hidden_act")), "output", 32, 8));
        return new($"random{seed}", "input", new(3, 4, 4), x, builder.Nodes);
    }

    private static string ConvNormRelu(GraphBuilder builder, string name, string from, int inChannels, int outChannels) =>
        builder.ConvNormRelu(name, $"{name}.bn", $"{name}.relu", from, inChannels, outChannels, Window.Square(3, 1, 1));
}
