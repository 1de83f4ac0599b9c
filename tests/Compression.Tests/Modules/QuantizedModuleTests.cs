using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Modules;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Onnx;
using SparseGrid.Compression.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Modules;

public sealed class QuantizedModuleTests
{
    [Fact]
    public void A_convolution_computes_on_the_levels_of_input_and_weight()
    {
        using var scope = NewDisposeScope();
        using var conv = new QuantConv2d(1, 1, Window.Square(1), bias: false);
        conv.Load(HostArray.Of([0.5f], 1, 1, 1, 1), null);
        conv.InputQuantizer.SetAmax(127);                                  // levels are whole numbers
        conv.WeightQuantizer.SetAmax(tensor(new float[] { 1.27f }).view(1, 1, 1, 1));

        var y = conv.call(tensor(new float[] { 1.4f, 2.6f, 500f, -500f }, [1, 1, 2, 2]));
        Assert.Equal([0.5f, 1.5f, 63.5f, -64f], y.contiguous().data<float>().ToArray().Select(value => MathF.Round(value, 4)));
    }

    [Fact]
    public void First_weights_are_a_function_of_the_seed()
    {
        float[] First(int seed)
        {
            using var linear = new QuantLinear(8, 4, seed: seed);
            return linear.Weight.data<float>().ToArray();
        }

        Assert.Equal(First(1), First(1));
        Assert.NotEqual(First(1), First(2));
        Assert.All(First(1), value => Assert.InRange(Math.Abs(value), 0, 1 / MathF.Sqrt(8)));
    }

    [Fact]
    public void Calibration_feeds_just_the_batches_asked_for_and_leaves_the_quantizers_as_they_were()
    {
        using var linear = new QuantLinear(2, 2, input: new() { Calibration = CalibrationMethod.Entropy });
        linear.InputQuantizer.Quantizing = false;
        using Tensor small = ones(4, 2), large = ones(4, 2) * 5;

        Assert.Equal(1, ModuleCalibration.Collect(linear, [small, large], 1));
        Assert.Equal((8, 1f), (linear.InputQuantizer.Histogram!.Total, linear.InputQuantizer.Histogram.Max));
        Assert.Equal((false, false, true, false), (linear.InputQuantizer.Quantizing, linear.InputQuantizer.Calibrating, linear.WeightQuantizer.Quantizing, linear.WeightQuantizer.Calibrating));
        ModuleCalibration.Finish(linear);
        Assert.NotNull(linear.InputQuantizer.Amax);
        Assert.Equal([2, 1], linear.WeightQuantizer.Amax!.shape);
        Assert.Throws<ArgumentException>(() => ModuleCalibration.Collect(linear, [], 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => ModuleCalibration.Collect(linear, [small], 0));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Values_that_are_not_finite_give_no_range(float value)
    {
        using var linear = new QuantLinear(2, 2);
        using var batch = full([1, 2], value);
        Assert.Contains("NaN or infinite", Assert.Throws<ArgumentException>(() => ModuleCalibration.Collect(linear, [batch], 1)).Message, StringComparison.Ordinal);
        Assert.True(linear.InputQuantizer.Quantizing);                    // also after a fault
        Assert.Contains("NaN or infinite", Assert.Throws<ArgumentException>(() => linear.call(batch)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_all_zero_layer_gives_its_bias()
    {
        using var scope = NewDisposeScope();
        using var linear = new QuantLinear(2, 2);
        linear.Load(HostArray.Of([0f, 0f, 0f, 0f], 2, 2), HostArray.Of([3f, -1f], 2));
        Assert.Equal([3f, -1f], linear.call(ones(1, 2)).data<float>().ToArray());
    }

    [Fact]
    public void Impossible_shapes_are_refused_with_the_rule()
    {
        Assert.Contains("the channels divide by the groups", Assert.Throws<ArgumentException>(() => new QuantConv2d(6, 8, Window.Square(3), groups: 4)).Message, StringComparison.Ordinal);
        Assert.Contains("no dilation", Assert.Throws<ArgumentException>(() => new QuantAvgPool2d(Window.Square(2) with { DilationHeight = 2 })).Message, StringComparison.Ordinal);
        Assert.Contains("equal padding", Assert.Throws<ArgumentException>(() => new QuantMaxPool2d(Window.Square(2) with { PadTop = 1 })).Message, StringComparison.Ordinal);
        using var linear = new QuantLinear(4, 2, bias: false);
        Assert.Contains("takes F32 [2, 4]", Assert.Throws<ArgumentException>(() => linear.Load(HostArray.Of([1f], 1), null)).Message, StringComparison.Ordinal);
        Assert.Contains("adds no bias", Assert.Throws<ArgumentException>(() => linear.Load(HostArray.Of(new float[8], 2, 4), HostArray.Of([1f, 1f], 2))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranges_are_saved_and_loaded_with_the_weights()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.dat");
        try
        {
            using var scope = NewDisposeScope();
            using QuantLinear calibrated = new(4, 2, seed: 1), other = new(4, 2, seed: 2);
            foreach (var each in (QuantLinear[])[calibrated, other])
            {
                ModuleCalibration.Collect(each, [ones(3, 4) * (each == calibrated ? 2 : 7)], 1);
                ModuleCalibration.Finish(each);
            }

            calibrated.save(path);
            other.load(path);
            Assert.Equal(["_input_quantizer._amax", "_weight_quantizer._amax", "bias", "weight"], other.state_dict().Keys.Order(StringComparer.Ordinal));
            Assert.Equal(2, other.InputQuantizer.Amax!.item<float>());
            Assert.Equal(calibrated.call(ones(1, 4)).data<float>().ToArray(), other.call(ones(1, 4)).data<float>().ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_chain_of_modules_its_graph_and_its_file_compute_the_same()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var chain = nn.Sequential(
            ("conv", new QuantConv2d(3, 8, Window.Square(3, 1, 1))), ("relu", nn.ReLU()), ("most", new QuantMaxPool2d(Window.Square(2, 2))),
            ("mean", new QuantAvgPool2d(Window.Square(2, 2))), ("all", new QuantAdaptiveAvgPool2d(1, 1)), ("flat", nn.Flatten()), ("fc", new QuantLinear(8, 4)));
        var images = tensor(TestNetwork.Normal(2 * 3 * 8 * 8, seed: 1), [2, 3, 8, 8]);
        ModuleCalibration.Collect(chain, [images], 1);
        ModuleCalibration.Finish(chain);

        var expected = chain.call(images).data<float>().ToArray();
        var read = ModuleGraph.Of(chain, new(3, 8, 8));
        using var network = new GraphNetwork(read.Graph, read.Weights, ComputeDevice.Cpu);
        network.Quantize(read.Placement, read.Ranges, read.Rounding);
        Near(expected, network.Forward(images, training: false).contiguous().data<float>().ToArray());
        foreach (var dialect in (Dialect[])[Dialect.TensorRt, Dialect.Ort])
        {
            using var session = OnnxRuntimeSession.Load(ModuleGraph.Export(chain, new(3, 8, 8), new(), dialect));
            Near(expected, session.Run(images.contiguous().data<float>().ToArray(), 2));
        }
    }

    [Fact]
    public void What_has_no_node_or_no_form_in_a_file_is_named()
    {
        using var scope = NewDisposeScope();
        void Refused(nn.Module<Tensor, Tensor> module, string words) =>
            Assert.Contains(words, Assert.Throws<InvalidDataException>(() => ModuleGraph.Of(module, new(4, 8, 8))).Message, StringComparison.Ordinal);

        Refused(nn.Sequential(("soft", nn.Softmax(1))), "'soft' is a Softmax");
        Refused(new QuantConv2d(4, 4, Window.Square(3), weight: new() { Axes = [1] }, input: new() { Amax = 1 }), "the output channels of this layer are axis 0");
        Refused(new QuantConv2d(4, 4, Window.Square(3), weight: QuantizerSettings.Weight with { Signed = false }, input: new() { Amax = 1 }), "weights are stored as int8");
        Refused(new QuantMaxPool2d(Window.Square(2), new() { Axes = [1] }), "an activation has one");
        Refused(new QuantMaxPool2d(Window.Square(2), new() { Amax = 1, LearnAmax = true }), "learns its range");
    }

    [Fact]
    public void A_module_of_another_type_computes_in_it()
    {
        using var scope = NewDisposeScope();
        using var linear = new QuantLinear(4, 2);
        var expected = linear.call(ones(1, 4));
        linear.to(ScalarType.Float64);

        var y = linear.call(ones(1, 4, dtype: ScalarType.Float64));
        Assert.Equal((ScalarType.Float64, ScalarType.Float64), (y.dtype, linear.Weight.dtype));
        Assert.Equal(expected.data<float>()[0], (float)y.data<double>()[0], 1e-4f);
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        using var conv = new QuantConv2d(4, 8, Window.Square(3, 1, 1));
        using var images = ones(2, 4, 8, 8);
        ModuleCalibration.Collect(conv, [images], 1);
        ModuleCalibration.Finish(conv);
        conv.call(images).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        conv.call(images).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    // At most one level of the last quantizer apart, where a sum in another order crossed a boundary.
    private static void Near(float[] expected, float[] actual)
    {
        var step = 2 * expected.Max(Math.Abs) / 127;
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - step, pair.First + step));
        Assert.True(expected.Zip(actual, (a, b) => Math.Abs(a - b)).Order().First() < 1e-4);
    }
}
