using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Quantization;

public sealed class TensorQuantizerTests
{
    [Fact]
    public void Without_a_range_each_input_gives_its_own()
    {
        using var scope = NewDisposeScope();
        using var quantizer = new TensorQuantizer(QuantizerSettings.Activation);
        Assert.Null(quantizer.Amax);
        var x = tensor(new[] { 1f, -2, 0.3f });
        Assert.True(quantizer.call(x).eq(FakeQuantization.PerTensor(x, 2, QuantizationLevels.Int8, RoundingRule.Pq)).all().item<bool>());
        Assert.Equal(2, quantizer.RangeOf(x).item<float>());
        Assert.Contains("'stem'", Assert.Throws<ArgumentException>(() => new TensorQuantizer(QuantizerSettings.Activation, "stem").call(tensor(new[] { 1f, float.NaN }))).Message);
        Assert.Equal(0, quantizer.call(zeros(0, 3)).numel());
        Assert.Equal([0f, 0], quantizer.call(zeros(2)).data<float>().ToArray());
    }

    [Theory]
    [InlineData(CalibrationMethod.Max)]
    [InlineData(CalibrationMethod.Entropy)]
    [InlineData(CalibrationMethod.Percentile)]
    [InlineData(CalibrationMethod.Mse)]
    public void Calibration_finds_the_range_that_its_calibrator_finds_and_passes_inputs_on_unchanged(CalibrationMethod method)
    {
        using var scope = NewDisposeScope();
        using var quantizer = new TensorQuantizer(new() { Calibration = method, Percentile = 99 }) { Quantizing = false, Calibrating = true };
        var histogram = new ActivationHistogram();
        for (var batch = 1; batch <= 3; batch++)
        {
            var x = randn([500], generator: new Generator((ulong)batch)) * batch;
            histogram.Collect(x, "x");
            Assert.True(quantizer.call(x).eq(x).all().item<bool>());
        }

        quantizer.FinishCalibration();
        Assert.Equal(ActivationCalibrator.Amax(histogram, method, 99, signed: true), quantizer.Amax!.item<float>());
        Assert.Contains("collected nothing", Assert.Throws<InvalidOperationException>(quantizer.FinishCalibration).Message);

        quantizer.SetAmax(3);
        Assert.Equal(3, quantizer.Amax!.item<float>());
        Assert.Equal(["_amax"], quantizer.state_dict().Keys);
    }

    [Fact]
    public void Ranges_of_axes_are_calibrated_and_used_position_by_position()
    {
        using var scope = NewDisposeScope();
        using var quantizer = new TensorQuantizer(QuantizerSettings.TransposedWeight) { Calibrating = true };
        var weight = randn([4, 6, 3, 3], generator: new Generator(9UL));
        var dynamic = quantizer.call(weight);
        quantizer.FinishCalibration();
        Assert.Equal([1L, 6, 1, 1], quantizer.Amax!.shape);
        Assert.True(quantizer.call(weight).eq(dynamic).all().item<bool>());
        for (var k = 0; k < 6; k++)
        {
            var channel = weight.select(1, k);
            Assert.True(dynamic.select(1, k).eq(FakeQuantization.PerTensor(channel, channel.abs().max().item<float>(), QuantizationLevels.Int8, RoundingRule.Pq)).all().item<bool>());
        }

        quantizer.Calibrating = true;
        quantizer.call(weight);
        Assert.Contains("must not change size", Assert.Throws<ArgumentException>(() => quantizer.call(ones(4, 5, 3, 3))).Message);
    }

    [Fact]
    public void A_learned_range_gathers_the_gradients_of_what_it_clips_and_an_optimizer_moves_it()
    {
        using var scope = NewDisposeScope();
        using var quantizer = new TensorQuantizer(new() { LearnAmax = true, Amax = 1 });
        var x = tensor(new[] { -2f, -1, -0.5f, 0.25f, 1, 3, 4 }).requires_grad_();
        var outer = tensor(new[] { 1f, 2, 4, 8, 16, 32, 64 });
        quantizer.call(x).backward([outer]);
        Assert.Equal([0, 0, 4, 8, 0, 0, 0], x.grad!.data<float>().ToArray());
        Assert.Equal((1f + 2, 16f + 32 + 64), (quantizer.Clip!.Low.grad!.item<float>(), quantizer.Clip.High.grad!.item<float>()));

        using var optimizer = optim.SGD(quantizer.parameters(), 0.001);
        optimizer.step();
        Assert.Equal(1 - 0.112f, quantizer.Clip.High.item<float>(), 1e-6);
        Assert.Equal(1.003f, quantizer.RangeOf(x).item<float>(), 1e-6);
        Assert.Equal(["_amax", "clip.clip_value_max", "clip.clip_value_min"], quantizer.state_dict().Keys.Order());
    }

    [Fact]
    public void A_checked_quantizer_refuses_what_it_cannot_quantize_and_an_unchecked_one_clamps_it()
    {
        using var scope = NewDisposeScope();
        var settings = QuantizerSettings.UnsignedActivation with { Amax = 1 };
        var x = tensor(new[] { 0.5f, -0.25f });
        Assert.Equal(0, new TensorQuantizer(settings).call(x)[1].item<float>());
        using var quantizer = new TensorQuantizer(settings with { Checked = true }, "pool_out");
        var message = Assert.Throws<ArgumentException>(() => quantizer.call(x)).Message;
        Assert.Contains("'pool_out' holds -0.25", message);
        Assert.Contains("unsigned", message);
        Assert.Contains("NaN or infinite", Assert.Throws<ArgumentException>(() => quantizer.call(tensor(float.PositiveInfinity))).Message);
    }

    [Fact]
    public void Settings_that_contradict_themselves_are_told_at_once()
    {
        var message = Assert.Throws<ArgumentException>(() => new TensorQuantizer(
            new() { Bits = 1, LearnAmax = true, Axes = [0], Calibration = CalibrationMethod.Mse, AmaxFactor = 0, Percentile = 101 }, "conv1")).Message;
        foreach (var words in (string[])["'conv1'", "Bits is 1", "needs an Amax", "LearnAmax has one range", "Mse reads a histogram", "AmaxFactor is 0", "Percentile is 101"])
            Assert.Contains(words, message);
        Assert.Throws<ArgumentException>(() => new TensorQuantizer(new() { Amax = -1 }));
        Assert.Throws<ArgumentException>(() => new TensorQuantizer(new() { Axes = [0, 0] }));
        using var quantizer = new TensorQuantizer(QuantizerSettings.Activation);
        Assert.Throws<ArgumentOutOfRangeException>(() => quantizer.SetAmax(float.NaN));
    }

    [Fact]
    public void Its_state_is_loaded_into_another_one()
    {
        using var scope = NewDisposeScope();
        using var from = new TensorQuantizer(new() { LearnAmax = true, Amax = 2.5f });
        using var to = new TensorQuantizer(new() { LearnAmax = true, Amax = 1 });
        to.load_state_dict(from.state_dict());
        Assert.Equal((2.5f, 2.5f, -2.5f), (to.Amax!.item<float>(), to.Clip!.High.item<float>(), to.Clip.Low.item<float>()));
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        using var x = randn(8, 3).requires_grad_();
        using var quantizer = new TensorQuantizer(QuantizerSettings.Activation) { Calibrating = true };
        using var learned = new TensorQuantizer(new() { LearnAmax = true, Amax = 1 });
        quantizer.call(x).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 3; i++)
        {
            quantizer.call(x).Dispose();
            learned.call(x).Dispose();
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        quantizer.FinishCalibration();                        // the maximum gives way to the buffer
        quantizer.Calibrating = false;
        learned.SetAmax(3);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        quantizer.call(x).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
