using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Execution;
using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.CudaInt8.Reference;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>Single convolutions on a GPU with every tile, bit for bit beside the reference; these run where there is a GPU.</summary>
/// <remarks>Under compute-sanitizer they show that no tile leaves its tensors, which lie apart here.</remarks>
[Collection(EnginesOnAGpu.Name)]
public sealed class CudaLayerTests
{
    public static TheoryData<LayerShape> OneImage() => [.. LayerShape.ResNets];

    public static TheoryData<LayerShape> SeveralImages() => [.. LayerShape.Uneven];

    [Theory]
    [MemberData(nameof(OneImage))]
    public void Every_tile_gives_the_references_bits_for_one_image(LayerShape shape) => EveryTile(shape, batch: 1);

    [Theory]
    [MemberData(nameof(SeveralImages))]
    public void Every_tile_gives_the_references_bits_where_tiles_cross_images(LayerShape shape) => EveryTile(shape, batch: 7);

    [Theory]
    [InlineData(64, 128, 9, 3)]
    [InlineData(128, 48, 7, 1)]
    public void Two_convolutions_of_one_input_give_the_references_bits_in_one_kernel(int channels, int outputs, int size, int batch)
    {
        using var device = Gpu.Require();
        var plan = LayerPlan.Twins(new(channels, outputs, size, size, 3, 2, true, true), batch, seed: 17);
        var conv = plan.Steps.OfType<ConvStep>().First();
        var images = LayerPlan.Images(plan, seed: 3);
        var expected = new ReferenceExecutor(plan).Run(images);
        var scores = new float[expected.Length];
        foreach (var (i, tile) in Tile.All.Index().Where(each => each.Item.Kind == TileKind.Direct && each.Item.Fits(conv.Geometry, batch, device.SharedBytes)))
        {
            foreach (var splits in tile.Splits(conv.Geometry, batch))
            {
                foreach (var form in (ConvolutionForm[])[ConvolutionForm.Dense, ConvolutionForm.TwoFour])
                {
                    using var engine = CudaInt8Engine.Build(plan, device, new(form) { Only = (i, splits), AlwaysJoin = true, TensorsApart = true });
                    engine.Run(images, scores);
                    Assert.True(expected.SequenceEqual(scores), $"{form} {tile} in {splits}");
                    Assert.Contains("beside conv", engine.Layers.Single(layer => layer.Layer == "projection").Kernel);
                }
            }
        }
    }

    private static void EveryTile(LayerShape shape, int batch)
    {
        using var device = Gpu.Require();
        var compiler = NvrtcCompiler.Find().Version;
        var plan = LayerPlan.Of(shape, batch, seed: 17);
        var conv = plan.Steps.OfType<ConvStep>().Last();
        var images = LayerPlan.Images(plan, seed: 3);
        var expected = new ReferenceExecutor(plan).Run(images);
        Assert.True(expected.Distinct().Count() > 20, "the outputs differ");

        var faults = new List<string>();
        var ran = 0;
        Check("plain", new(ConvolutionForm.Plain));
        foreach (var (i, tile) in Tile.All.Index().Where(each => each.Item.RunsOn(device.Architecture, compiler) && each.Item.Fits(conv.Geometry, batch, device.SharedBytes)))
        {
            foreach (var splits in tile.Splits(conv.Geometry, batch))
            {
                // The projection before it must fit the tile too; where it is a halo tile, the plain kernel makes the residual.
                var only = shape.Residual && tile.StagesRows ? WithPlainProjection(plan) : plan;
                Check($"dense {tile} in {splits}", new(ConvolutionForm.Dense, Recorded: false) { Only = (i, splits) }, only);
                Check($"2:4 {tile} in {splits}", new(ConvolutionForm.TwoFour, Recorded: false) { Only = (i, splits) }, only);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{shape}: {ran} kernels");
        Assert.True(faults.Count == 0, $"{shape}: {faults.Count} of {ran} kernels differ: {string.Join("; ", faults.Take(8))}");

        void Check(string kernel, EngineOptions options, ExecutionPlan? other = null)
        {
            using var engine = CudaInt8Engine.Build(other ?? plan, device, options with { TensorsApart = true });
            var scores = new float[expected.Length];
            for (var run = 0; run < 2; run++)                      // the second finds the counters of split-K as the first left them
            {
                engine.Run(images, scores);
                var wrong = Enumerable.Range(0, scores.Length).Count(at => BitConverter.SingleToInt32Bits(scores[at]) != BitConverter.SingleToInt32Bits(expected[at]));
                if (wrong > 0)
                    faults.Add($"{kernel}, run {run}: {wrong} of {scores.Length}");
            }

            ran++;
        }
    }

    // The projection with a float output runs on the plain kernel, which the tile under test then has no part in; a copy rounds it to the same levels.
    private static ExecutionPlan WithPlainProjection(ExecutionPlan plan)
    {
        var floats = new PlanTensor(plan.Tensors.Length, "projection in units", plan.Tensors[1].Shape, 0);
        var steps = plan.Steps.SelectMany(step =>
        {
            if (step is not ConvStep { Name: "projection" } conv)
                return (PlanStep[])[step];
            // In steps of the residual's levels: the copy multiplies by a scale of exactly 1, bounds and rounds where the kernel would have.
            return [conv with { To = floats.Index, Output = floats.Index, Low = float.NegativeInfinity, High = float.PositiveInfinity }, new PointwiseStep("steps", [floats.Index], 1, PointwiseOperation.Copy)];
        });
        return plan with { Tensors = plan.Tensors.SetItem(1, plan.Tensors[1] with { Scale = 1 }).Add(floats), Steps = [.. steps] };
    }
}
