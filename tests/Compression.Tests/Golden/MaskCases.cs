using SparseGrid.Compression.Pruning;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Masks against apex.contrib.sparsity's.</summary>
internal static class MaskCases
{
    public static double Compare(GoldenCase each)
    {
        var pattern = each.Argument("pattern", "");
        Assert.SkipWhen(each.Group == "unknown pattern", "a pattern that the reference does not know either");
        Assert.SkipWhen(pattern != "m4n2_1d", $"pattern {pattern} is not built yet");

        var weight = each.Input("weight")!;
        var values = GoldenCase.AsFloats(weight);             // the reference casts to float32 before it compares
        if (each.Raises || each.Group is "rank 5" or "non finite")
        {
            // The reference fails later, returns nothing or keeps NaN; here each is refused at once.
            Assert.Throws<ArgumentException>(() => TwoFourMask.Of(values, weight.Shape.AsSpan()));
            return 0;
        }

        // The reference prunes a vector as one row.
        ReadOnlySpan<long> shape = weight.Shape.Length == 1 ? [1, weight.Shape[0]] : weight.Shape.AsSpan();
        Assert.True(each.Output("mask")!.UnsignedBytes.SequenceEqual(TwoFourMask.Of(values, shape)), each.Id);
        return 0;
    }
}
