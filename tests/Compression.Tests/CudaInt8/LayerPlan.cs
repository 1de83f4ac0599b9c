using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>Plans of a single convolution with random levels, with or without a residual, which a 1x1 convolution of the same input makes.</summary>
internal static class LayerPlan
{
    public static ExecutionPlan Of(LayerShape shape, int batch, int seed)
    {
        var random = new Random(seed);
        var input = new ImageShape(shape.C, shape.H, shape.W);
        var window = new Window(shape.Kernel, shape.Kernel, shape.Stride, shape.Stride, shape.Kernel / 2, shape.Kernel / 2, shape.Kernel / 2, shape.Kernel / 2);
        var (height, width) = window.OutputOf(shape.H, shape.W);
        var output = new ImageShape(shape.K, height, width);
        PlanTensor[] tensors =
        [
            new(0, "x", input, 0.05f), new(1, "residual", output, 0.11f), new(2, "y", output, 0.07f), new(3, "scores", output, 0),
        ];
        var steps = new List<PlanStep> { new ImageStep("images", 0) };
        if (shape.Residual)
            steps.Add(Conv("projection", new(input, output, new(1, 1, shape.Stride, shape.Stride), 1), null, 1, low: -128));
        steps.Add(Conv("conv", new(input, output, window, 1), shape.Residual ? 1 : null, 2, low: shape.Relu ? 0 : -128));
        steps.Add(new PointwiseStep("units", [2], 3, PointwiseOperation.Copy));
        return new("layer", batch, input, [.. tensors], [.. steps], 3);

        ConvStep Conv(string name, ConvGeometry geometry, int? residual, int to, float low)
        {
            var levels = new sbyte[geometry.Output.Channels * geometry.Products];
            for (var i = 0; i < levels.Length; i += 4)
            {
                foreach (var q in Enumerable.Range(0, 4).OrderBy(_ => random.Next()).Take(2))
                    levels[i + q] = (sbyte)random.Next(-127, 128);
            }

            // About 40 steps of standard deviation, so that some are bounded.
            var spread = 40 / (Math.Sqrt(geometry.Products / 2.0) * 73 * 24);
            var alpha = Enumerable.Range(0, geometry.Output.Channels).Select(_ => (float)(spread * (0.5 + random.NextDouble()))).ToArray();
            var bias = Enumerable.Range(0, geometry.Output.Channels).Select(_ => (float)(20 * (random.NextDouble() - 0.5))).ToArray();
            return new(name, 0, residual, to, geometry, new(levels, alpha, bias), residual is null ? 0 : 0.83f, low, 127);
        }
    }

    /// <summary>Images that reach most levels.</summary>
    public static float[] Images(ExecutionPlan plan, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, plan.Batch * plan.Input.Count).Select(_ => (float)(random.NextDouble() * 14 - 7))];
    }
}

/// <summary>The shape of a convolution with padding kernel / 2.</summary>
public sealed record LayerShape(int C, int K, int H, int W, int Kernel, int Stride, bool Residual, bool Relu)
{
    /// <summary>Every convolution of ResNet-18 and 34, and those of ResNet-50's bottlenecks.</summary>
    public static IEnumerable<LayerShape> ResNets =>
    [
        new(64, 64, 56, 56, 3, 1, false, true), new(64, 64, 56, 56, 3, 1, true, true),
        new(64, 128, 56, 56, 3, 2, false, true), new(64, 128, 56, 56, 1, 2, false, false), new(128, 128, 28, 28, 3, 1, true, true),
        new(128, 256, 28, 28, 3, 2, false, true), new(128, 256, 28, 28, 1, 2, false, false), new(256, 256, 14, 14, 3, 1, true, true),
        new(256, 512, 14, 14, 3, 2, false, true), new(256, 512, 14, 14, 1, 2, false, false), new(512, 512, 7, 7, 3, 1, true, true),
        new(64, 256, 56, 56, 1, 1, true, true), new(256, 64, 56, 56, 1, 1, false, true), new(512, 2048, 7, 7, 1, 1, true, true), new(2048, 512, 7, 7, 1, 1, false, true),
    ];

    /// <summary>Shapes that no ResNet has: odd and uneven sizes, large kernels, one row.</summary>
    public static IEnumerable<LayerShape> Uneven =>
    [
        new(64, 64, 5, 9, 3, 1, true, true), new(128, 64, 1, 13, 3, 1, false, false), new(64, 192, 11, 7, 3, 2, true, false), new(64, 64, 9, 9, 5, 1, false, true), new(192, 320, 6, 5, 1, 1, true, true),
        new(64, 128, 3, 3, 3, 1, true, true),
    ];

    /// <inheritdoc/>
    public override string ToString() => $"{Kernel}x{Kernel} s{Stride} {C}->{K} @{H}x{W}{(Residual ? " residual" : "")}{(Relu ? " relu" : "")}";
}
