using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Pruning;

public sealed class TwoFourMaskTests
{
    // In the reference's order: ties go to the first.
    private static readonly (int, int)[] Patterns = [(1, 3), (0, 1), (1, 2), (0, 2), (0, 3), (2, 3)];

    [Theory]
    [InlineData(new float[] { 1, -4, 3, 2 }, new byte[] { 0, 1, 1, 0 })]
    [InlineData(new float[] { 7, 7, 7, 7 }, new byte[] { 0, 1, 0, 1 })]
    [InlineData(new float[] { 0, 0, 0, 0 }, new byte[] { 0, 1, 0, 1 })]
    [InlineData(new float[] { 2, 1, 1, 0 }, new byte[] { 1, 1, 0, 0 })]
    [InlineData(new float[] { 1, 0, 1, 1 }, new byte[] { 1, 0, 1, 0 })]
    [InlineData(new float[] { 0, 1, 1, 1 }, new byte[] { 0, 1, 0, 1 })]
    [InlineData(new float[] { 0, 0, 0, 1 }, new byte[] { 0, 1, 0, 1 })]
    [InlineData(new float[] { 1, 0, 0, 0 }, new byte[] { 1, 1, 0, 0 })]
    [InlineData(new float[] { 0, 0, 1, 0 }, new byte[] { 0, 1, 1, 0 })]
    public void Keeps_the_pair_with_the_largest_sum_and_breaks_ties_in_the_references_order(float[] group, byte[] mask) =>
        Assert.Equal(mask, TwoFourMask.Of(group, [1, 4]));

    [Fact]
    public void Compares_sums_rounded_to_float32_so_a_huge_weight_hides_which_partner_is_larger()
    {
        // 1e9 + 1 and 1e9 + 2 are the same float: {0,1} comes first, although position 3 is larger.
        Assert.Equal([1, 1, 0, 0], TwoFourMask.Of([1e9f, 1, 0, 2], [1, 4]));
    }

    [Fact]
    public void Groups_run_along_the_input_channels_of_a_convolution()
    {
        // [1, 4, 1, 2]: the two kernel positions are two groups, strided by 2.
        float[] weight = [9, 1, 8, 2, 1, 9, 2, 8];
        Assert.Equal([1, 0, 1, 0, 0, 1, 0, 1], TwoFourMask.Of(weight, [1, 4, 1, 2]));
    }

    [Fact]
    public void Equals_the_obvious_search_over_six_patterns_on_random_shapes()
    {
        var random = new Random(20240401);
        for (var round = 0; round < 200; round++)
        {
            long[] shape = round % 3 == 0
                ? [random.Next(1, 9), 4 * random.Next(1, 9)]
                : [random.Next(1, 7), 4 * random.Next(1, 6), random.Next(1, 5), random.Next(1, 5)];
            var coarse = round % 2 == 0;                      // few magnitudes give many ties
            var weight = new float[shape.Aggregate(1L, (a, b) => a * b)];
            for (var i = 0; i < weight.Length; i++)
                weight[i] = coarse ? random.Next(-2, 3) : (float)(random.NextDouble() * 2 - 1);

            Assert.Equal(Obvious(weight, shape), TwoFourMask.Of(weight, shape));
        }
    }

    [Fact]
    public void Finite_weights_whose_sums_overflow_are_not_refused()
    {
        float[] group = [3e38f, 3e38f, 1, 2];
        Assert.Equal(Obvious(group, [1, 4]), TwoFourMask.Of(group, [1, 4]));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Refuses_a_weight_that_is_not_finite_and_says_where_it_is(float value)
    {
        var weight = new float[2 * 8 * 3];
        weight[(1 * 8 + 5) * 3 + 2] = value;
        var error = Assert.Throws<ArgumentException>(() => TwoFourMask.Of(weight, [2, 8, 1, 3]));
        Assert.Contains("output channel 1, input channel 5, position 2", error.Message);
    }

    [Theory]
    [InlineData(new long[] { 8, 6 }, "C is 6")]
    [InlineData(new long[] { 2, 4, 2, 3, 1 }, "[K, C]")]
    [InlineData(new long[] { 4, 4 }, "holds 16 values")]
    public void Refuses_shapes_that_have_no_groups_of_four(long[] shape, string reason) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => TwoFourMask.Of(new float[48], shape)).Message);

    [Fact]
    public void A_vector_is_one_row() => Assert.Equal(TwoFourMask.Of([1, -4, 3, 2, 7, 7, 7, 7], [1, 8]), TwoFourMask.Of([1, -4, 3, 2, 7, 7, 7, 7], [8]));

    [Fact]
    public void An_array_gets_a_mask_of_its_shape_that_the_check_accepts()
    {
        var random = new Random(7);
        var values = Enumerable.Range(0, 16 * 32 * 9).Select(_ => (float)random.NextDouble() + 0.1f).ToArray();
        var mask = TwoFourMask.Of(HostArray.Of(values, 16, 32, 3, 3));

        Assert.Equal([16, 32, 3, 3], mask.Shape);
        var pruned = values.Zip(mask.UnsignedBytes.ToArray(), (w, keep) => w * keep).ToArray();
        Assert.Equal((16L * 32 * 9, 16L * 32 * 9 / 2, true), GroupsOfFour.Check(pruned, [16, 32, 3, 3]));
        Assert.False(GroupsOfFour.Check(values, [16, 32, 3, 3]).Valid);
    }

    internal static byte[] Obvious(float[] weight, long[] shape)
    {
        var (outs, channels) = ((int)shape[0], (int)shape[1]);
        var plane = weight.Length / (outs * channels);
        var mask = new byte[weight.Length];
        for (var k = 0; k < outs; k++)
        {
            for (var group = 0; group < channels / 4; group++)
            {
                for (var position = 0; position < plane; position++)
                {
                    int At(int p) => (k * channels + group * 4 + p) * plane + position;
                    var sums = Patterns.Select(pair => Math.Abs(weight[At(pair.Item1)]) + Math.Abs(weight[At(pair.Item2)])).ToArray();
                    var (first, second) = Patterns[Array.IndexOf(sums, sums.Max())];
                    mask[At(first)] = mask[At(second)] = 1;
                }
            }
        }

        return mask;
    }
}
