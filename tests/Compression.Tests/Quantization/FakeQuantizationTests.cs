using System.Runtime.InteropServices;
using SparseGrid.Compression.Quantization;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Quantization;

public sealed class FakeQuantizationTests
{
    private static readonly ActivationQuantizer Signed = new("x", Signed: true);
    private static readonly ActivationQuantizer Unsigned = new("x", Signed: false);

    [Fact]
    public void The_documented_example_of_the_reference_gives_its_integers()
    {
        float[] x = [.9817f, .8796f, .9921f, .4611f, .0832f, .1784f, .3674f, .5676f, .3376f, .2119f];
        foreach (var rule in Enum.GetValues<RoundingRule>())
        {
            var (y, _) = Run(x, input => FakeQuantization.Activation(input, .9921f, Signed, rule));
            Assert.Equal([126, 113, 127, 59, 11, 23, 47, 73, 43, 27], y.Select(value => (int)MathF.Round(value * 127 / .9921f)));
        }
    }

    [Theory]
    [InlineData(RoundingRule.Pq)]
    [InlineData(RoundingRule.Torch)]
    [InlineData(RoundingRule.Onnx)]
    public void Halves_go_to_even_and_levels_saturate_at_both_ends(RoundingRule rule)
    {
        float[] x = [0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 126.5f, 127.4f, 300, -127.5f, -128.4f, -300];
        var (signed, _) = Run(x, input => FakeQuantization.Activation(input, 127, Signed, rule));
        Assert.Equal([0, 2, 2, 0, -2, 126, 127, 127, -128, -128, -128], signed);

        var (unsigned, _) = Run([0.5f, 1.5f, 254.5f, 255.4f, 400, -3], input => FakeQuantization.Activation(input, 255, Unsigned, rule));
        Assert.Equal([0, 2, 254, 255, 255, 0], unsigned);
    }

    [Fact]
    public void Gradients_pass_up_to_amax_by_pq_and_up_to_the_last_unclamped_level_by_torch_and_onnx()
    {
        float[] x = [127, 127.25f, 127.5f, -127, -128, -128.5f, -128.75f, 0];
        Assert.Equal([1, 0, 0, 1, 0, 0, 0, 1], Run(x, input => FakeQuantization.Activation(input, 127, Signed, RoundingRule.Pq)).Gradient);
        foreach (var rule in (RoundingRule[])[RoundingRule.Torch, RoundingRule.Onnx])
        {
            // 127.5 rounds to 128, beyond the levels; −128.5 rounds to −128, within.
            Assert.Equal([1, 1, 0, 1, 1, 1, 0, 1], Run(x, input => FakeQuantization.Activation(input, 127, Signed, rule)).Gradient);
        }
    }

    [Fact]
    public void Every_rule_equals_its_formula_bit_for_bit_on_random_ranges_with_values_placed_at_rounding_boundaries()
    {
        var random = new Random(11);
        for (var round = 0; round < 60; round++)
        {
            var amax = (float)Math.Exp(random.NextDouble() * 20 - 10);
            var quantizer = round % 2 == 0 ? Signed : Unsigned;
            var x = Enumerable.Range(0, 2000).Select(i => i % 2 == 0
                ? (float)((random.NextDouble() * 3 - 1.5) * amax)
                : (random.Next(-130, 260) + 0.5f) * (amax / quantizer.MaxLevel)).ToArray();
            foreach (var rule in Enum.GetValues<RoundingRule>())
            {
                var (y, gradient) = Run(x, input => FakeQuantization.Activation(input, amax, quantizer, rule));
                var expected = x.Select(value => Formula(value, amax, quantizer.MinLevel, quantizer.MaxLevel, rule)).ToArray();
                Assert.Equal(expected.Select(e => e.Y), y);
                Assert.Equal(expected.Select(e => e.Passes ? 1f : 0f), gradient);
            }
        }
    }

    [Theory]
    [InlineData(RoundingRule.Pq)]
    [InlineData(RoundingRule.Torch)]
    [InlineData(RoundingRule.Onnx)]
    public void Weights_have_one_scale_per_output_channel_and_narrow_levels(RoundingRule rule)
    {
        var random = new Random(5);
        float[] amax = [0.7f, 0, 1.3f, QuantizationScale.Tiny, 1e-3f];
        var weight = Enumerable.Range(0, 5 * 4 * 9).Select(i => (float)((random.NextDouble() * 2.6 - 1.3) * Math.Max(amax[i / 36], 0.1))).ToArray();
        var (y, gradient) = Run(weight, input =>
        {
            using var ranges = tensor(amax);
            using var shaped = input.view(5, 4, 3, 3);
            return FakeQuantization.Weight(shaped, ranges, rule).flatten();
        });

        var expected = weight.Select((value, i) => Formula(value, amax[i / 36], -127, 127, rule)).ToArray();
        Assert.Equal(expected.Select(e => e.Y), y);
        Assert.Equal(expected.Select(e => e.Passes ? 1f : 0f), gradient);
        Assert.All(y[36..72], value => Assert.Equal(0, value));
        Assert.All(y[108..144], value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(QuantizationScale.Tiny)]
    public void A_range_that_counts_as_zero_gives_zeros(float amax)
    {
        foreach (var rule in Enum.GetValues<RoundingRule>())
            Assert.All(Run([0, 1, -1, 1e6f], input => FakeQuantization.Activation(input, amax, Signed, rule)).Y, y => Assert.Equal(0, y));
    }

    [Fact]
    public void The_composed_torch_rule_equals_pytorchs_fused_operators()
    {
        var random = new Random(3);
        var x = Enumerable.Range(0, 6 * 500).Select(i => i % 3 == 0 ? (random.Next(-140, 140) + 0.5f) * (0.9f / 127) : (float)(random.NextDouble() * 4 - 2)).ToArray();
        var composed = Run(x, input => FakeQuantization.PerTensor(input, 0.9f, QuantizationLevels.Int8, RoundingRule.Torch));
        var fused = Run(x, input => FusedFakeQuantization.PerTensor(input, 0.9f / 127, -128, 127));
        Assert.Equal(fused.Y, composed.Y);
        Assert.Equal(fused.Gradient, composed.Gradient);

        float[] amax = [0.9f, 0.5f, 1.1f, 2, 0.01f, 1];
        var channels = Run(x, input => { using var a = tensor(amax); return FakeQuantization.Weight(input.view(6, 500), a, RoundingRule.Torch).flatten(); });
        var fusedChannels = Run(x, input =>
        {
            using var scale = tensor(amax.Select(a => a / 127f).ToArray());
            return FusedFakeQuantization.PerChannel(input.view(6, 500), scale, -127, 127).flatten();
        });
        Assert.Equal(fusedChannels.Y, channels.Y);
        Assert.Equal(fusedChannels.Gradient, channels.Gradient);
    }

    [Fact]
    public void PyTorchs_fused_operator_makes_the_lowest_level_of_what_is_not_a_number_and_the_rule_leaves_it_visible()
    {
        float[] x = [1e17f, -1e17f, 1e30f, -1e30f, float.PositiveInfinity, float.NegativeInfinity, float.NaN];
        var fused = Run(x, input => FusedFakeQuantization.PerTensor(input, 0.01f, -128, 127)).Y;
        var own = Run(x, input => FakeQuantization.PerTensor(input, 1.27f, QuantizationLevels.Int8, RoundingRule.Torch)).Y;
        Assert.Equal([1.27f, -1.28f, 1.27f, -1.28f, 1.27f, -1.28f, -1.28f], fused);
        Assert.Equal([1.27f, -1.28f, 1.27f, -1.28f, 1.27f, -1.28f, float.NaN], own);
    }

    [Fact]
    public void The_scripted_operators_give_the_same_bits_at_call_1_2_and_20()
    {
        var random = new Random(4);
        var x = Enumerable.Range(0, 1000).Select(_ => (float)(random.NextDouble() * 3 - 1.5)).ToArray();
        var first = Run(x, Fused);
        for (var call = 2; call <= 20; call++)
        {
            var again = Run(x, Fused);
            Assert.Equal(Bits(first.Y), Bits(again.Y));
            Assert.Equal(Bits(first.Gradient), Bits(again.Gradient));
        }

        static Tensor Fused(Tensor input) => FusedFakeQuantization.PerTensor(input, 0.0079f, -128, 127);
    }

    [Fact]
    public void Not_a_number_stays_visible()
    {
        foreach (var rule in Enum.GetValues<RoundingRule>())
            Assert.True(float.IsNaN(Run([float.NaN, 1], input => FakeQuantization.Activation(input, 1, Signed, rule)).Y[0]));
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Refuses_a_range_that_is_no_finite_absolute_value(float amax)
    {
        using var x = ones(3);
        foreach (var rule in Enum.GetValues<RoundingRule>())
            Assert.Throws<ArgumentOutOfRangeException>(() => FakeQuantization.Activation(x, amax, Signed, rule));
    }

    [Fact]
    public void Refuses_other_types_and_ranges_of_another_length()
    {
        using var x = ones([4, 2], ScalarType.Float64);
        using var weight = ones(4, 2);
        using var amax = ones(3);
        Assert.Throws<ArgumentException>(() => FakeQuantization.Activation(x, 1, Signed, RoundingRule.Onnx));
        Assert.Contains("one value per output channel", Assert.Throws<ArgumentException>(() => FakeQuantization.Weight(weight, amax, RoundingRule.Onnx)).Message);
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        using var x = randn(4, 3).requires_grad_();
        using var amax = ones(4);
        FusedFakeQuantization.PerTensor(x, 1, -128, 127).Dispose();       // compiles
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        foreach (var rule in Enum.GetValues<RoundingRule>())
        {
            FakeQuantization.Activation(x, 1, Signed, rule).Dispose();
            FakeQuantization.Activation(x, 0, Unsigned, rule).Dispose();
            FakeQuantization.Weight(x, amax, rule).Dispose();
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        FusedFakeQuantization.PerTensor(x, 1, -128, 127).Dispose();
        FusedFakeQuantization.PerChannel(x, amax, -128, 127).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_result_belongs_to_the_scope_of_its_caller()
    {
        Tensor y;
        using (NewDisposeScope())
        {
            using var x = ones(3);
            y = FakeQuantization.Activation(x, 1, Signed, RoundingRule.Onnx);
            Assert.False(y.IsInvalid);
        }

        Assert.True(y.IsInvalid);
    }

    private static (float Y, bool Passes) Formula(float x, float amax, int min, int max, RoundingRule rule)
    {
        var zero = amax <= QuantizationScale.Tiny;
        if (rule == RoundingRule.Pq)
        {
            var factor = max / amax;
            return (zero ? 0 : Math.Clamp(MathF.Round(x * factor), min, max) / factor, Math.Abs(x) <= amax);
        }

        var scale = amax / max;
        var inverse = 1 / scale;
        var level = zero ? 0 : MathF.Round(rule == RoundingRule.Torch ? x * inverse : x / scale);
        return (zero ? 0 : Math.Clamp(level, min, max) * scale, level >= min && level <= max);
    }

    private static (float[] Y, float[] Gradient) Run(float[] values, Func<Tensor, Tensor> quantize)
    {
        using var scope = NewDisposeScope();
        var x = tensor(values).requires_grad_();
        var y = quantize(x);
        y.sum().backward();
        return (y.detach().data<float>().ToArray(), x.grad!.data<float>().ToArray());
    }

    private static int[] Bits(float[] values) => MemoryMarshal.Cast<float, int>(values).ToArray();
}
