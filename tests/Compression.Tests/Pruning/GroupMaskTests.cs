using SparseGrid.Compression.Pruning;

namespace SparseGrid.Compression.Tests.Pruning;

public sealed class GroupMaskTests
{
    [Theory]
    [InlineData(1, 2, new float[] { 1, -2, 3, 0 }, new byte[] { 0, 1, 1, 0 })]
    [InlineData(1, 4, new float[] { 1, -4, 3, 2 }, new byte[] { 0, 1, 0, 0 })]
    [InlineData(3, 4, new float[] { 1, -4, 3, 2 }, new byte[] { 0, 1, 1, 1 })]
    [InlineData(4, 8, new float[] { 8, 1, 7, 2, 6, 3, 5, 4 }, new byte[] { 1, 0, 1, 0, 1, 0, 1, 0 })]
    [InlineData(2, 5, new float[] { 1, 1, 1, 1, 1 }, new byte[] { 1, 1, 0, 0, 0 })]
    [InlineData(2, 3, new float[] { 0, 0, 0 }, new byte[] { 1, 1, 0 })]
    public void Keeps_the_largest_of_every_group_and_of_equals_the_first(int kept, int size, float[] group, byte[] mask) =>
        Assert.Equal(mask, GroupMask.Of(group, [1, group.Length], size, kept));

    [Fact]
    public void Compares_the_magnitudes_themselves_however_large_one_of_them_is() =>
        Assert.Equal([1, 0, 0, 1], GroupMask.Of([1e9f, 1, 0, 2], [1, 4], 4, 2));

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(3, 7)]
    [InlineData(4, 8)]
    [InlineData(2, 8)]
    [InlineData(5, 16)]
    [InlineData(31, 32)]
    public void Equals_sorting_every_group_on_random_shapes_and_masking_again_changes_nothing(int kept, int size)
    {
        foreach (var (shape, weight) in RandomWeights.Of(seed: 100 * size + kept, channels: size))
        {
            var mask = GroupMask.Of(weight, shape, size, kept);
            Assert.Equal(Obvious(weight, shape, size, kept), mask);
            Assert.Equal(mask, GroupMask.Of(RandomWeights.Masked(weight, mask), shape, size, kept));
        }
    }

    [Fact]
    public void No_other_choice_of_as_many_keeps_more()
    {
        foreach (var (shape, weight) in RandomWeights.Of(seed: 6, channels: 6))
        {
            var mask = GroupMask.Of(weight, shape, 6, 2);
            var (rows, columns, at) = Blocks.Matrix(shape);
            var best = 0.0;
            for (var row = 0; row < rows; row++)
            {
                for (var group = 0; group < columns; group += 6)
                {
                    best += Enumerable.Range(0, 64).Where(bits => int.PopCount(bits) == 2)
                        .Max(bits => Enumerable.Range(0, 6).Sum(slot => ((bits >> slot) & 1) * Math.Abs((double)weight[at(row, group + slot)])));
                }
            }

            Assert.Equal(best, RandomWeights.Kept(weight, mask), 1e-9);
        }
    }

    [Fact]
    public void Refuses_what_is_no_group_and_channels_that_do_not_divide()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => GroupMask.Of(new float[4], [1, 4], 4, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => GroupMask.Of(new float[4], [1, 4], 4, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => GroupMask.Of(new float[33], [1, 33], 33, 1));
        Assert.Contains("C is 12", Assert.Throws<ArgumentException>(() => GroupMask.Of(new float[24], [2, 12], 8, 4)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Refuses_a_weight_that_is_not_finite_and_says_where_it_is(float value)
    {
        var weight = new float[2 * 8 * 3];
        weight[(1 * 8 + 5) * 3 + 2] = value;
        var error = Assert.Throws<ArgumentException>(() => GroupMask.Of(weight, [2, 8, 1, 3], 8, 4));
        Assert.Contains("output channel 1, input channel 5, position 2", error.Message, StringComparison.Ordinal);
    }

    internal static byte[] Obvious(float[] weight, ReadOnlySpan<long> shape, int size, int kept)
    {
        var (rows, columns, at) = Blocks.Matrix(shape);
        var mask = new byte[weight.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var group = 0; group < columns; group += size)
            {
                foreach (var index in Enumerable.Range(group, size).Select(column => at(row, column)).OrderByDescending(index => Math.Abs(weight[index])).Take(kept))
                    mask[index] = 1;
            }
        }

        return mask;
    }
}
