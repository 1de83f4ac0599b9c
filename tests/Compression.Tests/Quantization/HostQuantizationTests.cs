using SparseGrid.Compression.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Quantization;

public sealed class HostQuantizationTests
{
    [Fact]
    public void Rounds_halves_to_even_and_saturates()
    {
        var q = new sbyte[6];
        FakeQuantization.Quantize([0.25f, 0.75f, -0.25f, 100, -100, -63.9f], 0.5f, -127, 127, q.AsSpan());
        Assert.Equal(new sbyte[] { 0, 2, 0, 127, -127, -127 }, q);

        var unsigned = new byte[4];
        FakeQuantization.Quantize([-1, 0.5f, 2.5f, 1e30f], 1, 0, 255, unsigned.AsSpan());
        Assert.Equal(new byte[] { 0, 0, 2, 255 }, unsigned);

        var wide = new short[2];
        FakeQuantization.Quantize([300, -300], 1, -1000, 1000, wide.AsSpan());
        Assert.Equal(new short[] { 300, -300 }, wide);
    }

    [Fact]
    public void Exported_weights_times_their_scales_are_the_fake_quantized_weights_and_keep_their_zeros()
    {
        var random = new Random(9);
        var weight = Enumerable.Range(0, 8 * 32).Select(i => i % 2 == 0 ? 0f : (float)(random.NextDouble() - 0.5)).ToArray();
        var amax = Enumerable.Range(0, 8).Select(k => k == 3 ? 0 : weight.AsSpan(k * 32, 32).ToArray().Max(Math.Abs)).ToArray();
        var integers = FakeQuantization.QuantizeWeight(weight, amax);

        using var scope = NewDisposeScope();
        var fake = FakeQuantization.Weight(tensor(weight).view(8, 32), tensor(amax), RoundingRule.Onnx).data<float>().ToArray();
        Assert.Equal(fake, integers.Select((q, i) => q * QuantizationScale.Of(amax[i / 32], 127)));
        Assert.All(Enumerable.Range(0, 128), i => Assert.Equal(0, integers[2 * i]));
    }

    [Fact]
    public void Refuses_what_cannot_be_quantized()
    {
        Assert.Contains("Value 1 is NaN", Assert.Throws<ArgumentException>(() => FakeQuantization.Quantize<sbyte>([1, float.NaN], 1, -127, 127, new sbyte[2])).Message);
        Assert.Throws<ArgumentException>(() => FakeQuantization.Quantize<sbyte>([1], 0, -127, 127, new sbyte[1]));
        Assert.Throws<ArgumentException>(() => FakeQuantization.Quantize<sbyte>([1], 1, 0, 255, new sbyte[1]));
        Assert.Throws<ArgumentException>(() => FakeQuantization.Quantize<sbyte>([1], 1, -127, 127, new sbyte[2]));
        Assert.Throws<ArgumentException>(() => FakeQuantization.QuantizeWeight([1, 2, 3], [1, 1]));
    }

    [Fact]
    public void A_scale_is_amax_over_the_largest_level_and_1_where_amax_counts_as_zero()
    {
        Assert.Equal(2.5f / 127, QuantizationScale.Of(2.5f, 127));
        Assert.Equal(1, QuantizationScale.Of(0, 255));
        Assert.Equal(1, QuantizationScale.Of(QuantizationScale.Tiny, 127));
        Assert.NotEqual(1, QuantizationScale.Of(MathF.BitIncrement(QuantizationScale.Tiny), 127));
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantizationScale.Of(float.NaN, 127));
    }
}
