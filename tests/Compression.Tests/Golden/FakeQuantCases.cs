using System.Text.Json.Nodes;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Fake quantization against pytorch-quantization: values and gradients.</summary>
internal static class FakeQuantCases
{
    public static double Compare(GoldenCase each)
    {
        using var scope = NewDisposeScope();
        if (each.Function == "QuantDescriptor")
            return CompareDefaults(each);
        if (each.Raises)
            return CompareError(each);
        if (each.Input("x")!.Type == ElementType.BF16)
            return CompareBrainFloats(each);
        return each.Rule == "informative" ? CompareNonFinite(each) : CompareValues(each);
    }

    private static double CompareValues(GoldenCase each)
    {
        var run = Run(each);
        var largest = Same(each, "y", run.Y);
        if (each.Output("grad_input") is not null)
            largest = Math.Max(largest, Same(each, "grad_input", run.Gradient!));
        if (each.Output("scale") is HostArray scale)
            Assert.True(AsTensor(scale).eq(run.Factor!.to(AsTensor(scale).dtype)).all().item<bool>(), "the scale differs");
        if (each.Output("amax_used") is HostArray amax)
            Assert.True(AsTensor(amax).eq(run.Amax!).all().item<bool>(), "the range differs");
        if (run.Module is { } module)
            largest = Math.Max(largest, CompareState(each, module));
        return largest;
    }

    private static double CompareState(GoldenCase each, TensorQuantizer module)
    {
        if (each.Value("state_dict_keys") is JsonArray keys)
            Assert.Equal(keys.Select(key => key!.GetValue<string>()).Order(), module.state_dict().Keys.Order());
        if (each.Value("clip_value_min_grad") is not JsonNode low)
            return 0;
        return Math.Max(
            Near(low.GetValue<float>(), module.Clip!.Low.grad!.item<float>()), Near(each.Value("clip_value_max_grad")!.GetValue<float>(), module.Clip.High.grad!.item<float>()));

        // A sum of many float32 numbers, whose order is nobody's promise.
        static double Near(float expected, float actual)
        {
            Assert.Equal(expected, actual, 1e-5 * Math.Max(1, Math.Abs(expected)));
            return Math.Abs(expected - actual);
        }
    }

    private static double CompareError(GoldenCase each)
    {
        Assert.ThrowsAny<ArgumentException>(() => Run(each));
        return 0;
    }

    /// <summary>Not widened there, so that the product is rounded to bfloat16 before it is rounded to a level. Here: computed in float32, rounded once.</summary>
    private static double CompareBrainFloats(GoldenCase each)
    {
        var (levels, run) = (Levels(each), Run(each));
        var ranges = run.Amax!.expand(run.Y.shape).contiguous().data<float>().ToArray();
        var integers = each.Function == "tensor_quant";
        var values = GoldenCase.AsFloats(each.Input("x")!).Select((x, i) => integers
            ? RoundingReference.Level(x, ranges[i], levels, RoundingRule.Pq)
            : RoundingReference.Value(x, ranges[i], levels, RoundingRule.Pq)).ToArray();
        Assert.Equal(tensor(values).to(ScalarType.BFloat16).to(ScalarType.Float32).data<float>().ToArray(), run.Y.to(ScalarType.Float32).flatten().data<float>().ToArray());

        // Eight bits of mantissa: the reference's level is off by at most one, and either value is rounded.
        var largest = (run.Y.to(ScalarType.Float32) - AsTensor(each.Output("y")!).to(ScalarType.Float32)).abs().max().item<float>();
        var most = integers ? levels.Max : ranges.Max();
        Assert.True(largest <= most * (1.0001f / levels.Max + 1f / 256), $"off by {largest}");
        return double.NaN;
    }

    /// <summary>Informative. NaN stays NaN, with a gradient that means nothing; infinity saturates and passes none.</summary>
    private static double CompareNonFinite(GoldenCase each)
    {
        if (each.Function == "TensorQuantizer" && each.Input("amax") is null)
            return CompareError(each);                        // a range of its own cannot be found
        var run = Run(each);
        var levels = Levels(each);
        var ranges = run.Amax!.expand(run.Y.shape).contiguous().data<float>().ToArray();
        var (inputs, outer) = (each.Input("x")!.Floats.ToArray(), each.Input("grad_output")!.Floats.ToArray());
        var (values, gradients) = (run.Y.data<float>().ToArray(), run.Gradient!.data<float>().ToArray());
        for (var i = 0; i < inputs.Length; i++)
        {
            var (x, y, amax) = (inputs[i], values[i], ranges[i]);
            Assert.Equal(each.Function == "tensor_quant" ? RoundingReference.Level(x, amax, levels, RoundingRule.Pq) : RoundingReference.Value(x, amax, levels, RoundingRule.Pq), y);
            if (!float.IsNaN(x))
                Assert.Equal(MathF.Abs(x) <= amax ? outer[i] : 0, gradients[i]);
        }

        return double.NaN;
    }

    private static double CompareDefaults(GoldenCase each)
    {
        if (each.Value("defaults") is JsonObject defaults)
            Equal(defaults, QuantizerSettings.Activation);
        foreach (var (name, values) in each.Value("predefined")?.AsObject() ?? [])
        {
            Equal(values!, name switch
            {
                _ when name.Contains("UNSIGNED") => QuantizerSettings.UnsignedActivation,
                _ when name.Contains("CONVTRANSPOSE") => QuantizerSettings.TransposedWeight,
                _ when name.Contains("WEIGHT_PER_CHANNEL") || name.Contains("PER_ROW") => QuantizerSettings.Weight,
                _ => QuantizerSettings.Activation,
            });
        }

        return 0;

        static void Equal(JsonNode values, QuantizerSettings settings)
        {
            var read = Settings(values);
            Assert.Equal(settings.Axes.ToArray(), read.Axes.ToArray());
            Assert.Equal(settings with { Axes = [] }, read with { Axes = [] });
        }
    }

    private static (Tensor Y, Tensor? Gradient, Tensor? Factor, Tensor? Amax, TensorQuantizer? Module) Run(GoldenCase each)
    {
        var x = AsTensor(each.Input("x")!).requires_grad_();
        var amax = each.Input("amax") is HostArray given ? AsTensor(given) : null;
        TensorQuantizer? module = null;
        Tensor? used = null;
        Tensor y;
        if (each.Function == "fake_affine_tensor_quant")
        {
            y = AffineFakeQuantization.Of(x, each.Argument<float>("min_range", 0), each.Argument<float>("max_range", 0), each.Argument("num_bits", 8));
        }
        else if (each.Function == "TensorQuantizer")
        {
            module = new TensorQuantizer(Settings(each.Descriptor!) with { Checked = each.Raises });
            if (amax is not null)
                module.SetAmax(amax);
            y = module.call(x);
            used = module.RangeOf(x);
        }
        else
        {
            // The reference looks at every input, which a quantizer does where it is told to.
            var settings = new QuantizerSettings
            {
                Bits = each.Argument("num_bits", 8), Signed = !each.Argument("unsigned", false), NarrowRange = each.Argument("narrow_range", false), Checked = each.Rule != "informative",
                Axes = [.. Enumerable.Range(0, (int)amax!.dim()).Where(axis => amax.numel() > 1 && amax.shape[axis] > 1)], Dequantizes = each.Function != "tensor_quant",
            };
            var quantizer = new TensorQuantizer(settings);
            quantizer.SetAmax(amax);
            (y, used) = (quantizer.call(x), amax);
        }

        if (each.Input("grad_output") is HostArray outer)
            y.backward([AsTensor(outer)]);
        var factor = used is null ? null : QuantizationScale.LevelsPerUnit(used, Levels(each).Max);
        return (y.detach(), x.grad, factor, used, module);
    }

    private static QuantizationLevels Levels(GoldenCase each) => (each.Descriptor is JsonNode settings ? Settings(settings) : new()
    {
        Bits = each.Argument("num_bits", 8), Signed = !each.Argument("unsigned", false), NarrowRange = each.Argument("narrow_range", false),
    }).Levels;

    // The descriptor's words in ours.
    private static QuantizerSettings Settings(JsonNode descriptor)
    {
        T Of<T>(string name, T otherwise) => descriptor[name] is JsonValue value ? value.GetValue<T>() : otherwise;

        var integers = !Of("fake_quant", true);
        return new()
        {
            Bits = Of("num_bits", 8), Signed = !Of("unsigned", false), Dequantizes = !integers, LearnAmax = Of("learn_amax", false),
            // Where a quantizer returns integers, the reference forgets to pass its range on, and the function's default is narrow.
            NarrowRange = Of("narrow_range", false) || integers,
            Axes = CalibratorCases.Axes(descriptor["axis"]), Amax = descriptor["amax"]?.GetValue<float>(), AmaxFactor = Of("scale_amax", 1f),
            Calibration = Of("calib_method", "max") == "max" ? CalibrationMethod.Max : CalibrationMethod.Percentile,
        };
    }

    private static double Same(GoldenCase each, string role, Tensor actual)
    {
        var expected = AsTensor(each.Output(role)!);
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        if (actual.numel() == 0)
            return 0;
        var largest = (expected.to(ScalarType.Float64) - actual.to(ScalarType.Float64)).abs().max().item<double>();
        var allowed = each.Rule == "tolerance" ? 1e-6 * Math.Max(1, expected.to(ScalarType.Float64).abs().max().item<double>()) : 0;
        Assert.True(largest <= allowed, $"{role} differs by {largest}");
        return largest;
    }

    private static Tensor AsTensor(HostArray array)
    {
        var type = array.Type switch
        {
            ElementType.F16 => ScalarType.Float16,
            ElementType.BF16 => ScalarType.BFloat16,
            ElementType.F64 => ScalarType.Float64,
            _ => ScalarType.Float32,
        };
        var result = empty(array.Shape.ToArray(), type);
        if (array.Count > 0)
            result.bytes = array.Bytes.ToArray();
        return result;
    }
}
