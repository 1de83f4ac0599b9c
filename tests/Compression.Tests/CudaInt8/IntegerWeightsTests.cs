using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.Tests.CudaInt8;

public sealed class IntegerWeightsTests
{
    // Of 32 weights at a time, and of fewer at the end.
    [Theory]
    [InlineData(4)]
    [InlineData(32)]
    [InlineData(76)]
    public void Three_weights_of_any_four_make_a_layer_dense(int count)
    {
        Assert.True(Of(new sbyte[count]).IsTwoFour(4));
        for (var at = 0; at < count; at += 4)
        {
            for (var used = 0; used < 16; used++)
            {
                var levels = new sbyte[count];
                for (var i = 0; i < count; i++)
                    levels[i] = (sbyte)(i / 4 == at / 4 ? used >> i % 4 & 1 : i % 4 < 2 ? -127 : 0);
                Assert.Equal(int.PopCount(used) <= 2, Of(levels).IsTwoFour(4));
            }
        }
    }

    [Fact]
    public void Groups_do_not_reach_across_rows() => Assert.False(Of(new sbyte[36]).IsTwoFour(6));

    [Fact]
    public void The_answer_goes_with_the_levels_and_leaves_equality_alone()
    {
        var (sparse, untouched) = (Of([1, 0, 0, 2]), Of([1, 0, 0, 2]));
        untouched = untouched with { Levels = sparse.Levels, Alpha = sparse.Alpha, Bias = sparse.Bias };
        Assert.True(sparse.IsTwoFour(4));
        Assert.Equal(untouched, sparse);
        Assert.False((sparse with { Levels = [1, 0, 3, 2] }).IsTwoFour(4));
    }

    private static IntegerWeights Of(sbyte[] levels) => new(levels, [1], [0]);
}
