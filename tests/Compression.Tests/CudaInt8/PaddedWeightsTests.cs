using SparseGrid.Compression.CudaInt8.Packing;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.Tests.CudaInt8;

public sealed class PaddedWeightsTests
{
    [Theory]
    [InlineData(16, 9, 16)]
    [InlineData(24, 1, 144)]
    [InlineData(70, 4, 96)]
    public void Added_channels_have_zero_weights_and_the_others_stay_where_their_tap_is(int channels, int taps, int depth)
    {
        var levels = new sbyte[channels * taps * depth];
        new Random(channels).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(levels.AsSpan()));
        var padded = PaddedWeights.Of(levels, channels, taps, depth);
        var (rows, width) = (WeightBlocks.Padded(channels), WeightBlocks.Padded(depth));
        Assert.Equal(rows * taps * width, padded.Length);
        for (var i = 0; i < padded.Length; i++)
        {
            var (row, tap, c) = (i / width / taps, i / width % taps, i % width);
            Assert.Equal(row < channels && c < depth ? levels[(row * taps + tap) * depth + c] : 0, padded[i]);
        }
    }

    [Fact]
    public void Whole_blocks_are_taken_as_they_are()
    {
        var levels = new sbyte[64 * 9 * 128];
        Assert.Same(levels, PaddedWeights.Of(levels, 64, 9, 128));
        var alpha = new float[128];
        Assert.Same(alpha, PaddedWeights.Of(alpha));
        Assert.Equal([1f, 2f, .. new float[62]], PaddedWeights.Of([1f, 2f]));
    }

    [Fact]
    public void Rows_and_channels_are_laid_out_by_the_stride_of_their_tensor()
    {
        Assert.Equal(new sbyte[] { 1, 2, 3, 0, 4, 5, 6, 0 }, PaddedWeights.Rows([1, 2, 3, 4, 5, 6], 3, 4));
        // Two channels of three taps each: taps outermost, channels innermost.
        Assert.Equal(new sbyte[] { 1, 4, 0, 0, 2, 5, 0, 0, 3, 6, 0, 0 }, PaddedWeights.ChannelsInnermost([1, 2, 3, 4, 5, 6], 2, 4));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(3, 4)]
    [InlineData(5, 16)]
    [InlineData(16, 16)]
    [InlineData(24, 32)]
    [InlineData(144, 144)]
    public void Levels_take_whole_vectors_and_floats_what_they_need(int channels, int stride)
    {
        var levels = new PlanTensor(0, "levels", new(channels, 5, 7), 0.1f);
        var floats = levels with { Scale = 0 };
        Assert.Equal((stride, channels), (levels.Stride, floats.Stride));
        Assert.Equal((35L * stride, 35L * channels * 4), (levels.BytesPerImage, floats.BytesPerImage));
    }
}
