using SparseGrid.Compression.Pruning;

namespace SparseGrid.Compression.Tests.Pruning;

public sealed class BestBlockMaskTests
{
    private static readonly int[] Valid = [.. Enumerable.Range(0, 1 << 16).Where(bits => Lines(bits).All(line => line == 2))];

    [Fact]
    public void There_are_ninety_blocks_with_two_in_every_row_and_column() => Assert.Equal(90, Valid.Length);

    [Fact]
    public void Keeps_more_than_the_greedy_walk_where_that_runs_out_of_room()
    {
        float[] block =
        [
            9, 9, 0, 0,
            9, 0, 9, 0,
            0, 9, 9, 1,
            0, 0, 0, 8,
        ];
        var (best, greedy) = (BestBlockMask.Of(block, [4, 4]), GreedyBlockMask.Of(block, [4, 4]));
        Assert.Equal(8, best.Sum(keep => keep));
        Assert.True(RandomWeights.Kept(block, best) >= RandomWeights.Kept(block, greedy) - 9, "at most one of the nines is given up");
    }

    [Fact]
    public void An_all_equal_block_keeps_the_first_of_the_order_of_ties() =>
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0], BestBlockMask.Of(new float[16], [4, 4]));

    [Fact]
    public void Keeps_the_most_of_all_ninety_on_random_shapes_and_masking_again_changes_nothing()
    {
        foreach (var (shape, weight) in RandomWeights.Of(seed: 90, channels: 4, outputs: 4))
        {
            var mask = BestBlockMask.Of(weight, shape);
            foreach (var block in Blocks.Of(shape))
            {
                var bits = Enumerable.Range(0, 16).Sum(element => mask[block[element]] << element);
                Assert.Contains(bits, Valid);
                double KeptBy(int pattern) => Enumerable.Range(0, 16).Sum(element => ((pattern >> element) & 1) * Math.Abs((double)weight[block[element]]));
                Assert.Equal(Valid.Max(KeptBy), KeptBy(bits), 1e-5);
            }

            Assert.Equal(mask, BestBlockMask.Of(RandomWeights.Masked(weight, mask), shape));
        }
    }

    [Fact]
    public void The_weight_and_its_transpose_are_both_2_to_4()
    {
        foreach (var (shape, weight) in RandomWeights.Of(seed: 24, channels: 4, outputs: 4))
        {
            var pruned = RandomWeights.Masked(weight, BestBlockMask.Of(weight, shape));
            Assert.True(GroupsOfFour.Check<float>(pruned, shape, axis: 1).Valid);
            if (shape.Length != 3)                            // of [K, C, R] blocks reach over kernel positions, as in the reference
                Assert.True(GroupsOfFour.Check<float>(pruned, shape, axis: 0).Valid);
        }
    }

    [Theory]
    [InlineData(new long[] { 6, 8 }, "K·R·S is 6")]
    [InlineData(new long[] { 8, 6 }, "C is 6")]
    [InlineData(new long[] { 48 }, "K·R·S is 1")]
    public void Refuses_shapes_that_do_not_divide_into_blocks(long[] shape, string reason) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => BestBlockMask.Of(new float[48], shape)).Message, StringComparison.Ordinal);

    [Fact]
    public void Refuses_a_weight_that_is_not_finite()
    {
        var weight = new float[16];
        weight[6] = float.PositiveInfinity;
        Assert.Contains("output channel 1, input channel 2", Assert.Throws<ArgumentException>(() => BestBlockMask.Of(weight, [4, 4])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Finite_weights_whose_sums_overflow_are_not_refused() =>
        Assert.Equal(8, BestBlockMask.Of(Enumerable.Repeat(3e38f, 16).ToArray(), [4, 4]).Sum(keep => keep));

    private static IEnumerable<int> Lines(int bits) =>
        Enumerable.Range(0, 4).SelectMany(line => new[]
        {
            Enumerable.Range(0, 4).Sum(i => (bits >> (4 * line + i)) & 1), Enumerable.Range(0, 4).Sum(i => (bits >> (4 * i + line)) & 1),
        });
}
