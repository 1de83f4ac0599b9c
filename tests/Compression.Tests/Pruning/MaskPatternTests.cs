using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Pruning;

public sealed class MaskPatternTests
{
    [Theory]
    [InlineData("m4n2_1d", 4, 2, false, true)]
    [InlineData("m4n2_2d_greedy", 4, 2, true, true)]
    [InlineData("m4n2_2d_best", 4, 2, true, true)]
    [InlineData("m4n1_1d", 4, 1, false, true)]
    [InlineData("m2n1_1d", 2, 1, false, true)]
    [InlineData("m4n3_1d", 4, 3, false, false)]
    [InlineData("m8n4_1d", 8, 4, false, false)]
    [InlineData("m32n31_1d", 32, 31, false, false)]
    public void A_pattern_is_found_by_its_name(string name, int size, int kept, bool alongOutputs, bool twoFour)
    {
        var pattern = MaskPattern.Named(name);
        Assert.Equal((name, size, kept, alongOutputs, twoFour), (pattern.Name, pattern.GroupSize, pattern.Kept, pattern.AlongOutputs, pattern.IsTwoFour));
    }

    [Theory]
    [InlineData("unstructured")]
    [InlineData("m4n4_1d")]
    [InlineData("m4n0_1d")]
    [InlineData("m33n4_1d")]
    [InlineData("m04n2_1d")]
    [InlineData("m4n2_1d ")]
    [InlineData("m4n2_1d\n")]
    [InlineData("m8n4_2d_best")]
    [InlineData("")]
    public void An_unknown_name_is_refused_with_those_there_are(string name) =>
        Assert.Contains("m4n2_2d_greedy, m4n2_2d_best, and mMnN_1d", Assert.Throws<ArgumentException>(() => MaskPattern.Named(name)).Message, StringComparison.Ordinal);

    [Fact]
    public void Two_of_four_is_the_references_pattern_with_its_ties()
    {
        Assert.Same(MaskPattern.TwoFour, MaskPattern.Groups(2, 4));
        Assert.Equal([0, 1, 0, 1], MaskPattern.Named("m4n2_1d").Of([7, 7, 7, 7], [1, 4]));
        Assert.Equal([1, 0, 0, 0], MaskPattern.Named("m4n1_1d").Of([7, 7, 7, 7], [1, 4]));
    }

    [Fact]
    public void Weights_of_every_floating_type_are_compared_as_float32()
    {
        double[] doubles = [1, 1 + 1e-12, 0.5, 0.25];         // the first two are one float
        var weight = new HostArray(ElementType.F64, [1, 4], System.Runtime.InteropServices.MemoryMarshal.AsBytes(doubles.AsSpan()).ToArray());
        Assert.Equal([1, 0, 0, 0], MaskPattern.Groups(1, 4).Of(weight).UnsignedBytes.ToArray());
        Half[] halves = [(Half)1, (Half)(-2), (Half)3, (Half)0.5];
        weight = new HostArray(ElementType.F16, [1, 4], System.Runtime.InteropServices.MemoryMarshal.AsBytes(halves.AsSpan()).ToArray());
        Assert.Equal([0, 1, 1, 0], MaskPattern.TwoFour.Of(weight).UnsignedBytes.ToArray());
        Assert.Throws<InvalidOperationException>(() => MaskPattern.TwoFour.Of(HostArray.Of((ReadOnlySpan<byte>)[1, 2, 3, 4], 1, 4)));
    }

    [Fact]
    public void What_a_mask_leaves_is_of_its_pattern_and_of_none_that_keeps_less()
    {
        foreach (var name in (string[])["m4n2_1d", "m4n2_2d_best", "m4n1_1d", "m8n4_1d", "m16n4_1d", "m32n20_1d", "m3n2_1d"])
        {
            var pattern = MaskPattern.Named(name);
            var random = new Random(3);
            var weight = Enumerable.Range(0, 16 * 96 * 9).Select(_ => (float)random.NextDouble() + 0.1f).ToArray();
            var pruned = RandomWeights.Masked(weight, pattern.Of(weight, [16, 96, 3, 3]));
            Assert.True(GroupSparsity.Holds<float>(pruned, [16, 96, 3, 3], pattern.Kept, pattern.GroupSize));
            Assert.False(GroupSparsity.Holds<float>(pruned, [16, 96, 3, 3], pattern.Kept - 1, pattern.GroupSize));
            Assert.Equal(pattern.IsTwoFour, GroupsOfFour.Check<float>(pruned, [16, 96, 3, 3]).Valid);
        }

        Assert.False(GroupSparsity.Holds<float>(new float[16 * 12], [16, 12], 4, 8));
    }
}
