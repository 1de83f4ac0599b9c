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

    /// <summary>The same two convolutions without a fused add: neighbours that read one tensor, and then their sum.</summary>
    public static ExecutionPlan Twins(LayerShape shape, int batch, int seed)
    {
        var plan = Of(shape, batch, seed);
        return plan with
        {
            Steps = [plan.Steps[0], (ConvStep)plan.Steps[2] with { Residual = null, Inputs = [0] }, plan.Steps[1], new PointwiseStep("sum", [2, 1], 3, PointwiseOperation.Add)],
        };
    }

    /// <summary>Images that reach most levels.</summary>
    public static float[] Images(ExecutionPlan plan, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, plan.Batch * plan.Input.Count).Select(_ => (float)(random.NextDouble() * 14 - 7))];
    }
}
