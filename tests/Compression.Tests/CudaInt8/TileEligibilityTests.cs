using SparseGrid.Compression.CudaInt8.Execution;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>Which layers the kernels on the tensor cores take, and which of them are settled together.</summary>
public sealed class TileEligibilityTests
{
    private const int SharedBytes = 227 << 10;

    [Theory]
    [InlineData(64, 64, 224, 3, 1, 512)]
    [InlineData(16, 16, 224, 3, 2, 2560)]
    [InlineData(16, 16, 224, 1, 1, 1024)]
    public void A_batch_that_no_tile_covers_in_one_launch_is_left_to_the_plain_kernel(int channels, int outputs, int size, int kernel, int stride, int batch)
    {
        var (plan, conv) = Layer(new(channels, outputs, size, size, kernel, stride, false, true), batch);
        Assert.False(IsEligible(plan, conv, out var reason));
        Assert.Contains($"{(long)batch * conv.Geometry.Output.Height * conv.Geometry.Output.Width} output pixels", reason);
        Assert.True(IsEligible(plan.ForBatch(128), conv, out _));
    }

    [Fact]
    public void The_kernel_for_images_takes_no_more_pixels_than_one_launch_has_blocks_for()
    {
        var (plan, conv) = Layer(new(3, 64, 224, 224, 7, 2, false, true), 512);
        Assert.True(ImageConvolution.Fits(conv, plan.Tensors[conv.To], 512));
        Assert.False(ImageConvolution.Fits(conv, plan.Tensors[conv.To], 1024));
    }

    [Theory]
    [InlineData(90, "13.0", true)]
    [InlineData(90, "12.0", true)]
    [InlineData(90, "11.8", false)]
    [InlineData(80, "13.0", false)]
    [InlineData(100, "13.0", false)]
    public void The_kernel_for_warpgroups_is_tried_where_GPU_and_compiler_have_it_and_then_those_it_always_beats_are_not(int architecture, string compiler, bool has)
    {
        var tried = Tile.All.Where(tile => tile.IsTriedOn(architecture, Version.Parse(compiler))).ToArray();
        Assert.All(tried, tile => Assert.True(tile.RunsOn(architecture, Version.Parse(compiler))));
        Assert.Equal(has, tried.Any(tile => tile.Kind == TileKind.Warpgroup));
        Assert.DoesNotContain(tried, tile => tile.Kind == TileKind.Pointwise);
        Assert.Equal(!has, tried.Any(tile => tile.Kind == TileKind.Stream));

        // Whatever a tile covers, one that is tried covers.
        foreach (var shape in LayerShape.ResNets.Concat(LayerShape.Uneven))
        {
            var (plan, conv) = Layer(shape, 7);
            Assert.Contains(tried, tile => tile.Fits(conv.Geometry, plan.Batch, SharedBytes));
        }
    }

    [Theory]
    [InlineData(64, 1, 1, 1)]
    [InlineData(128, 1, 2, 2)]
    [InlineData(192, 1, 1, 1)]
    [InlineData(128, 3, 1, 0)]
    public void The_kernel_for_1x1_takes_any_stride_and_whole_blocks_of_channels(int channels, int kernel, int stride, int most)
    {
        var (plan, conv) = Layer(new(channels, 128, 14, 14, kernel, stride, false, true), 8);
        var together = Tile.All.Where(tile => tile.Kind == TileKind.Pointwise && tile.Fits(conv.Geometry, plan.Batch, SharedBytes)).Select(tile => tile.Dense.Ahead);
        Assert.Equal(most, together.Append(0).Max());

        // Zeros behind the image's edge it does not make.
        var padded = conv.Geometry with { Window = conv.Geometry.Window with { PadBottom = 1, PadRight = 1 } };
        Assert.DoesNotContain(Tile.All, tile => tile.Kind == TileKind.Pointwise && tile.Fits(padded, plan.Batch, SharedBytes));
    }

    [Fact]
    public void Layers_of_one_geometry_are_settled_together_only_where_their_weights_have_the_same_forms()
    {
        var (_, sparse) = Layer(new(64, 64, 8, 8, 3, 1, false, true), 1);
        var dense = sparse with { Weights = sparse.Weights with { Levels = [.. sparse.Weights.Levels.Select(_ => (sbyte)1)] } };
        var (_, other) = Layer(new(64, 64, 8, 8, 3, 1, false, true), 1, seed: 5);
        Assert.NotEqual(TiledConvolution.ShapeOf(sparse, 1), TiledConvolution.ShapeOf(dense, 1));
        Assert.Equal(TiledConvolution.ShapeOf(sparse, 1), TiledConvolution.ShapeOf(other, 1));
        Assert.NotEqual(TiledConvolution.ShapeOf(sparse, 1), TiledConvolution.ShapeOf(sparse, 2));
    }

    private static (ExecutionPlan Plan, ConvStep Conv) Layer(LayerShape shape, int batch, int seed = 17)
    {
        var plan = LayerPlan.Of(shape, batch, seed);
        return (plan, plan.Steps.OfType<ConvStep>().Last());
    }

    private static bool IsEligible(ExecutionPlan plan, ConvStep conv, out string reason) =>
        Tile.IsEligible(conv, plan.Tensors[conv.From], plan.Tensors[conv.To], plan.Batch, SharedBytes, out reason);
}
