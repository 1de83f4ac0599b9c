using System.Runtime.InteropServices;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Golden;

public sealed class MaskGoldenTests
{
    [Fact]
    public void One_dimensional_masks_equal_those_of_nvidias_asp()
    {
        var family = new GoldenFamily("masks");
        foreach (var each in family.Cases)
        {
            if (each.Argument("pattern", "") is var pattern && pattern != "m4n2_1d")
            {
                family.Skip(each.Group == "unknown pattern" ? "a pattern that the reference does not know either" : $"pattern {pattern} is not built yet");
                continue;
            }

            var weight = each.Input("weight")!;
            var values = AsFloats(weight);
            if (each.Raises || each.Group is "rank 5" or "non finite")
            {
                // The reference fails later, returns nothing or keeps NaN; here each is refused at once.
                Assert.Throws<ArgumentException>(() => TwoFourMask.Of(values, weight.Shape.AsSpan()));
            }
            else
            {
                // The reference prunes a vector as one row.
                ReadOnlySpan<long> shape = weight.Shape.Length == 1 ? [1, weight.Shape[0]] : weight.Shape.AsSpan();
                Assert.True(each.Output("mask")!.UnsignedBytes.SequenceEqual(TwoFourMask.Of(values, shape)), each.Id);
            }

            family.Ran();
        }

        family.Report();
        Assert.Equal(33, family.Run);
    }

    // As the reference does, which casts to float32 before it compares.
    private static float[] AsFloats(HostArray array) => array.Type switch
    {
        ElementType.F16 => [.. MemoryMarshal.Cast<byte, Half>(array.Bytes.Span).ToArray().Select(value => (float)value)],
        ElementType.BF16 => [.. MemoryMarshal.Cast<byte, ushort>(array.Bytes.Span).ToArray().Select(value => BitConverter.Int32BitsToSingle(value << 16))],
        ElementType.F64 => [.. MemoryMarshal.Cast<byte, double>(array.Bytes.Span).ToArray().Select(value => (float)value)],
        _ => array.Floats.ToArray(),
    };
}
