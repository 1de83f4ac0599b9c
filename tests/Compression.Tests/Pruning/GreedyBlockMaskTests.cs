using SparseGrid.Compression.Pruning;

namespace SparseGrid.Compression.Tests.Pruning;

public sealed class GreedyBlockMaskTests
{
    [Fact]
    public void Takes_the_largest_first_while_their_row_and_column_have_room()
    {
        float[] block =
        [
            16, 15, 14, 1,                                    // 14 finds its row full
            13, 12, 2, 3,                                     // 13 and 12 fill their row and columns 0 and 1
            11, 10, 9, 8,
            4, 5, 7, 6,
        ];
        Assert.Equal([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1], GreedyBlockMask.Of(block, [4, 4]));
    }

    [Fact]
    public void Can_run_out_of_room_and_keep_fewer_than_eight()
    {
        float[] block =
        [
            9, 9, 0, 0,
            9, 0, 9, 0,
            0, 9, 9, 1,
            0, 0, 0, 8,
        ];
        // Columns 0 to 2 are full after six; the last row and column can take one more only where they meet.
        var mask = GreedyBlockMask.Of(block, [4, 4]);
        Assert.Equal([1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1], mask);
    }

    [Fact]
    public void Of_equals_the_later_is_taken_first() =>
        Assert.Equal([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1], GreedyBlockMask.Of(new float[16], [4, 4]));

    [Fact]
    public void Equals_the_obvious_walk_on_random_shapes_holds_two_a_line_and_masking_again_changes_nothing()
    {
        foreach (var (shape, weight) in RandomWeights.Of(seed: 31, channels: 1).Concat(RandomWeights.Of(seed: 32, channels: 4, outputs: 4)))
        {
            var mask = GreedyBlockMask.Of(weight, shape);
            Assert.Equal(Obvious(weight, shape), mask);
            Blocks.RequireAtMostTwo(mask, shape);
            Assert.Equal(mask, GreedyBlockMask.Of(RandomWeights.Masked(weight, mask), shape));
        }
    }

    [Fact]
    public void Refuses_a_weight_that_is_not_finite_even_outside_the_blocks()
    {
        var weight = new float[6 * 6];
        weight[35] = float.NaN;
        Assert.Contains("output channel 5, input channel 5", Assert.Throws<ArgumentException>(() => GreedyBlockMask.Of(weight, [6, 6])).Message, StringComparison.Ordinal);
    }

    private static byte[] Obvious(float[] weight, long[] shape)
    {
        var mask = new byte[weight.Length];
        Array.Fill(mask, (byte)1);
        foreach (var block in Blocks.Of(shape))
        {
            var (rows, columns) = (new int[4], new int[4]);
            foreach (var element in Enumerable.Range(0, 16).OrderByDescending(element => Math.Abs(weight[block[element]])).ThenByDescending(element => element))
            {
                var room = rows[element / 4] < 2 && columns[element % 4] < 2;
                mask[block[element]] = room ? (byte)1 : (byte)0;
                if (room)
                    (rows[element / 4], columns[element % 4]) = (rows[element / 4] + 1, columns[element % 4] + 1);
            }
        }

        return mask;
    }
}
