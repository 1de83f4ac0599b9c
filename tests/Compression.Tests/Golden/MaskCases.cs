using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Pruning;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Masks against apex.contrib.sparsity's.</summary>
internal static class MaskCases
{
    public static double Compare(GoldenCase each)
    {
        var (name, weight) = (each.Argument("pattern", "m4n2_1d"), each.Input("weight")!);
        if (each.Raises && name is not ("m4n2_1d" or "m4n2_2d_greedy" or "m4n2_2d_best"))
            return CompareUnknown(name, weight);

        var pattern = MaskPattern.Named(name);
        var returnedNothing = each.Value("returned")?.GetValue<string>() == "None";
        if (each.Raises || returnedNothing || !weight.ToFloats().All(float.IsFinite))
        {
            // The reference fails, or it returns nothing or keeps NaN and fails later; here each is refused at once.
            Assert.Throws<ArgumentException>(() => pattern.Of(weight));
            return each.Raises ? 0 : double.NaN;
        }

        var (expected, mask) = (each.Output("mask")!, pattern.Of(weight));
        Assert.Equal(expected.Shape, mask.Shape);
        if (each.Rule == "exact")
        {
            Assert.True(expected.UnsignedBytes.SequenceEqual(mask.UnsignedBytes), each.Id);
            return 0;
        }

        Assert.Equal(expected.UnsignedBytes.ToArray().Sum(keep => (long)keep), mask.UnsignedBytes.ToArray().Sum(keep => (long)keep));
        if (pattern.AlongOutputs)
            Blocks.RequireAtMostTwo(mask.UnsignedBytes, mask.Shape.AsSpan());
        var (kept, reference) = (Kept(weight, mask), Kept(weight, expected));
        Assert.Equal(reference, kept, 1e-6 * Math.Max(1, reference));
        return Math.Abs(reference - kept);
    }

    // The reference has three patterns. N:M groups of other sizes are more than that; any other name is refused here as well.
    private static double CompareUnknown(string name, HostArray weight)
    {
        if (!name.EndsWith("_1d", StringComparison.Ordinal))
        {
            Assert.Contains($"'{name}' is unknown", Assert.Throws<ArgumentException>(() => MaskPattern.Named(name)).Message, StringComparison.Ordinal);
            return 0;
        }

        var pattern = MaskPattern.Named(name);
        Assert.Equal(
            GroupMaskTests.Obvious(weight.ToFloats(), weight.Shape.AsSpan(), pattern.GroupSize, pattern.Kept), pattern.Of(weight).UnsignedBytes.ToArray());
        return double.NaN;
    }

    private static double Kept(HostArray weight, HostArray mask) => weight.ToFloats().Zip(mask.UnsignedBytes.ToArray(), (value, keep) => Math.Abs((double)value) * keep).Sum();
}
