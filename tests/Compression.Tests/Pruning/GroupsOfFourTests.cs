using SparseGrid.Compression.Pruning;

namespace SparseGrid.Compression.Tests.Pruning;

public sealed class GroupsOfFourTests
{
    [Fact]
    public void Two_zeros_in_every_four_input_channels_are_valid_wherever_they_are()
    {
        sbyte[] weight = [1, 0, 0, -3, 0, 0, 0, 5];
        Assert.Equal((8L, 5L, true), GroupsOfFour.Check(weight, [1, 8]));
        Assert.Equal((8L, 5L, true), GroupsOfFour.Check(weight, [2, 4]));
    }

    [Fact]
    public void One_group_with_three_values_makes_the_weight_invalid()
    {
        sbyte[] weight = [1, 0, 0, -3, 0, 2, 1, 5];
        Assert.Equal((8L, 3L, false), GroupsOfFour.Check(weight, [1, 8]));
    }

    [Fact]
    public void Groups_run_along_the_channels_not_along_the_kernel()
    {
        float[] alongChannels = [1, 1, 1, 1, 0, 0, -0f, 0];   // [1, 4, 1, 2]: each position holds 1, 1, 0, 0
        Assert.True(GroupsOfFour.Check(alongChannels, [1, 4, 1, 2]).Valid);
        float[] alongKernel = [1, 0, 1, 0, 1, 0, 1, 0];       // position 0 holds four values
        Assert.Equal((8L, 4L, false), GroupsOfFour.Check(alongKernel, [1, 4, 1, 2]));
    }

    [Fact]
    public void Channels_that_do_not_divide_by_four_are_never_valid() =>
        Assert.False(GroupsOfFour.Check(new float[12], [2, 6]).Valid);

    [Fact]
    public void Refuses_a_shape_that_does_not_describe_the_values() =>
        Assert.Throws<ArgumentException>(() => GroupsOfFour.Check(new float[12], [2, 4]));
}
