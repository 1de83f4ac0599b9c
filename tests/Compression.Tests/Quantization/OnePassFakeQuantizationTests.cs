using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Quantization;

public sealed class OnePassFakeQuantizationTests
{
    public static TheoryData<RoundingRule> Rules => [.. Enum.GetValues<RoundingRule>()];

    [Theory]
    [MemberData(nameof(Rules))]
    public void An_activation_equals_the_composed_calls_bit_for_bit_gradient_included(RoundingRule rule)
    {
        foreach (var (min, max) in ((int, int)[])[(-128, 127), (0, 255), (-127, 127), (-8, 7)])
        {
            foreach (var amax in (float[])[0.9f, 3.3e-4f, 71, 0, 1e30f])
            {
                using var scope = NewDisposeScope();
                var x = Values(6, 5, 3, 7, amax);
                Same(x, input => FakeQuantization.PerTensor(input, amax, new(min, max), rule), input => ComposedFakeQuantization.PerTensor(input, amax, new(min, max), rule));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Relu_and_activation_in_one_pass_equal_one_after_the_other(RoundingRule rule)
    {
        using var scope = NewDisposeScope();
        var quantizer = new ActivationQuantizer("x", Signed: false);
        var x = Values(4, 6, 5, 5, 0.8f);
        Same(
            x, input => FakeQuantization.ReluActivation(input, 0.8f, quantizer, rule),
            input => ComposedFakeQuantization.PerTensor(input.relu(), 0.8f, QuantizationLevels.UInt8, rule));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Weights_equal_the_composed_calls_in_every_order_of_memory(RoundingRule rule)
    {
        using var scope = NewDisposeScope();
        float[] ranges = [0.7f, 0, 1.3f, QuantizationScale.Tiny, 1e-3f];
        var amax = tensor(ranges);
        var rowMajor = Values(5, 4, 3, 3, 1);
        foreach (var weight in (Tensor[])[rowMajor, DenseFloats.ChannelsLast(rowMajor), Values(5, 4, 3, 6, 1).slice(3, 0, 6, 2)])
        {
            Same(
                weight, input => FakeQuantization.Weight(input, amax, rule),
                input => ComposedFakeQuantization.Of(input, amax.view(5, 1, 1, 1), QuantizationLevels.NarrowInt8, rule, toLevels: false));
        }
    }

    [Fact]
    public void Channels_last_keeps_the_values_and_is_recognized_even_where_the_memory_is_the_same()
    {
        foreach (var shape in (long[][])[[2, 3, 4, 5], [16, 1, 3, 3], [8, 4, 1, 1], [1, 1, 1, 1]])
        {
            using var scope = NewDisposeScope();
            var x = arange(shape.Aggregate(1L, (product, size) => product * size)).to(ScalarType.Float32).view(shape);
            var moved = DenseFloats.ChannelsLast(x);
            Assert.True(moved.eq(x).all().item<bool>());
            Assert.Equal([shape[1] * shape[2] * shape[3], 1, shape[1] * shape[3], shape[1]], moved.stride());
        }
    }

    [Fact]
    public void A_thousand_passes_leave_the_process_as_large_as_it_was()
    {
        using var x = randn(1 << 20);
        using var weight = x.view(1024, 1024);
        using var amax = ones(1024);
        var quantizer = new ActivationQuantizer("x", Signed: false);
        void Passes(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var scope = NewDisposeScope();
                FakeQuantization.ReluActivation(x, 1, quantizer, RoundingRule.Onnx);
                FakeQuantization.Weight(weight, amax, RoundingRule.Onnx);
            }
        }

        Passes(10);
        var before = Environment.WorkingSet;
        Passes(500);

        // One tensor of 4 MiB left behind by each pass would be 2 GiB.
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 400L << 20);
    }

    // A spread of values with NaN, infinities, zeros of both signs and points next to rounding boundaries.
    private static Tensor Values(long n, long c, long h, long w, float amax)
    {
        var random = new Random((int)(n * c * h * w));
        float[] special = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, amax, -amax, MathF.BitIncrement(amax), MathF.BitDecrement(amax)];
        var values = Enumerable.Range(0, (int)(n * c * h * w)).Select(i => i < special.Length
            ? special[i]
            : i % 2 == 0 ? (float)((random.NextDouble() * 3 - 1.5) * amax) : (random.Next(-130, 260) + 0.5f) * (amax / 127));
        return tensor(values.ToArray()).view(n, c, h, w);
    }

    private static void Same(Tensor values, Func<Tensor, Tensor> onePass, Func<Tensor, Tensor> composed)
    {
        using var scope = NewDisposeScope();
        var (one, all) = (values.detach().requires_grad_(), values.clone().requires_grad_());
        var (y, expected) = (onePass(one), composed(all));
        y.nan_to_num(0).sum().backward();
        expected.nan_to_num(0).sum().backward();
        Assert.Equal(Bits(expected), Bits(y));
        Assert.Equal(Bits(all.grad!), Bits(one.grad!));
    }

    // Any NaN is as good as another, and so is a zero of either sign: integers have one.
    private static int[] Bits(Tensor x) =>
        [.. x.detach().contiguous().data<float>().ToArray().Select(value => float.IsNaN(value) ? int.MaxValue : BitConverter.SingleToInt32Bits(value + 0f))];
}
