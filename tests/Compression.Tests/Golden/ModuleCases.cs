using System.Globalization;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Modules;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Quantized modules against pytorch-quantization's: outputs, gradients, what the quantizers make, names.</summary>
internal static class ModuleCases
{
    public static double Compare(GoldenCase each) => each.Function switch
    {
        var function when function.StartsWith("Basic", StringComparison.Ordinal) || function.StartsWith("Bottleneck", StringComparison.Ordinal) => BlockCases.Compare(each),
        var function when function.StartsWith("models.", StringComparison.Ordinal) => CompareNames(each),
        "collect_stats" => CompareBatches(each),
        _ => CompareModule(each),
    };

    private static double CompareModule(GoldenCase each)
    {
        using var scope = NewDisposeScope();
        using var module = Build(ModuleText.Parse(each.Argument("module", "")));
        var weighted = module as QuantizedWeightModule;
        weighted?.Load(each.Input("weight")!, each.Input("bias"));
        SetAmax(module.InputQuantizer, each.Input("input_amax"));
        if (weighted is not null)
            SetAmax(weighted.WeightQuantizer, each.Input("weight_amax"));
        if (each.Value("state_dict_keys") is { } keys)
            Assert.Equal(keys.AsArray().Select(key => key!.GetValue<string>()), module.state_dict().Keys);

        var x = TensorOf(each.Input("x")!).requires_grad_();
        var y = module.call(x);
        y.backward([TensorOf(each.Input("grad_output")!)]);

        Exact(each, "quantized_input", module.InputQuantizer.call(x));
        Range(each, "input_amax_used", module.InputQuantizer, x);
        if (weighted is not null)
        {
            Exact(each, "quantized_weight", weighted.WeightQuantizer.call(weighted.Weight));
            Range(each, "weight_amax_used", weighted.WeightQuantizer, weighted.Weight);
        }

        (string Role, Tensor? Actual)[] results =
            [("y", y), ("grad_x", x.grad), ("grad_weight", weighted?.Weight.grad), ("grad_bias", weighted?.Bias?.grad)];
        return results.Where(result => each.Output(result.Role) is not null).Max(result => Near(each.Output(result.Role)!, result.Actual!, $"{each.Id}: {result.Role}"));
    }

    private static QuantizedModule Build(ModuleText text)
    {
        QuantizerSettings input = new(), weight = text.Kind.Contains("Transpose", StringComparison.Ordinal) ? QuantizerSettings.TransposedWeight : QuantizerSettings.Weight;
        foreach (var option in text.Options)
        {
            (input, weight) = option switch
            {
                "weight per tensor" => (input, weight with { Axes = [] }),
                "narrow_range" => (input with { NarrowRange = true }, weight with { NarrowRange = true }),
                "unsigned input" => (input with { Signed = false }, weight),
                _ when option.EndsWith(" bits", StringComparison.Ordinal) => (input with { Bits = Bits(option) }, weight with { Bits = Bits(option) }),
                _ => (input, weight),                         // about the recorded numbers, not the module
            };
        }

        var bias = text.Truth("bias", otherwise: true);
        int From(string name) => text.Number(0, name);
        int To(string name) => text.Number(1, name);
        QuantizedModule module = text.Kind switch
        {
            "QuantConv1d" => new QuantConv1d(
                From("in"), To("out"), text.Number(2, "kernel"), text.Number(3, "stride", 1), text.Number(4, "padding", 0), text.Number(5, "dilation", 1),
                text.Number(6, "groups", 1), bias, input, weight),
            "QuantConv2d" => new QuantConv2d(
                From("in"), To("out"), WindowOf(text, 2), text.Number(6, "groups", 1), bias,
                text.Has("circular") ? PaddingModes.Circular : text.Has("reflect") ? PaddingModes.Reflect : text.Has("replicate") ? PaddingModes.Replicate : PaddingModes.Constant,
                input, weight),
            "QuantConvTranspose2d" => new QuantConvTranspose2d(
                From("in"), To("out"), WindowOf(text, 2), text.Number(5, "output_padding", 0), text.Number(6, "groups", 1), bias, input, weight),
            "QuantLinear" => new QuantLinear(From("in"), To("out"), bias, input, weight),
            "QuantAvgPool2d" => new QuantAvgPool2d(WindowOf(text, 0), text.Truth("count_include_pad", otherwise: true), input),
            "QuantMaxPool2d" => new QuantMaxPool2d(WindowOf(text, 0), input),
            "QuantAdaptiveAvgPool2d" => new QuantAdaptiveAvgPool2d(text.Pair(0, "output").Height, text.Pair(0, "output").Width, input),
            _ => throw Xunit.Sdk.SkipException.ForSkip($"{text.Kind} is not built: there are quantized convolutions in one and two dimensions, transposed in two, linear layers and pools in two"),
        };
        if (text.HasOption("quantizers disabled"))
            module.Quantizers.ToList().ForEach(quantizer => quantizer.Quantizing = false);
        return module;
    }

    private static int Bits(string option) => int.Parse(option.Split(' ')[0], CultureInfo.InvariantCulture);

    // Positions as PyTorch's constructors have them: kernel, stride, padding, dilation. A pool's stride is its kernel unless it is given.
    private static Window WindowOf(ModuleText text, int at)
    {
        var kernel = text.Pair(at, "kernel");
        var stride = text.Pair(at + 1, "stride", at == 0 ? 0 : 1);
        if (stride == (0, 0))
            stride = kernel;
        var (pad, dilation) = (text.Pair(at + 2, "padding", 0), text.Pair(at + 3, "dilation", 1));

        // The reference divides what it pads circularly between the two sides, the odd one first.
        var (before, after) = text.Has("circular") ? (((pad.Height + 1) / 2, (pad.Width + 1) / 2), (pad.Height / 2, pad.Width / 2)) : (pad, pad);
        return new(
            kernel.Height, kernel.Width, stride.Height, stride.Width, before.Item1, before.Item2, after.Item1, after.Item2, dilation.Height, dilation.Width);
    }

    private static double CompareNames(GoldenCase each)
    {
        var name = each.Function[(each.Function.LastIndexOf('.') + 1)..];
        name = name[..name.IndexOf('(', StringComparison.Ordinal)];
        var graph = ResNet.Build(name, new(3, 224, 224), 1000);
        var expected = each.Value("state_dict")!.AsObject().Where(entry => !entry.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal));
        Assert.Equal(
            expected.Select(entry => $"{entry.Key} [{string.Join(", ", entry.Value!.AsArray().Select(size => size!.GetValue<long>()))}]"),
            graph.Parameters.Select(parameter => $"{parameter.Name} [{string.Join(", ", parameter.Shape)}]"));

        // The example network leaves its pool in float.
        var placement = QuantizerPlacement.Of(graph, Dialect.TensorRt, new(Exclude: LayerPatterns.Parse(["avgpool"])));
        Assert.Equal(
            each.Value("quantizers")!.AsArray().Select(quantizer => quantizer!.GetValue<string>()), QuantizerState.Names(graph, placement).Select(quantizer => quantizer.Name));
        return 0;
    }

    // The reference feeds one batch more than it is asked for; here it is as many as that.
    private static double CompareBatches(GoldenCase each)
    {
        var (asked, there) = (each.Argument("num_batches", 0), each.Argument("loader length", 0));
        using var module = new QuantLinear(4, 2);
        var drawn = 0;
        IEnumerable<Tensor> Batches()
        {
            for (; drawn < there; drawn++)
            {
                using var batch = ones(3, 4);
                yield return batch;
            }
        }

        Assert.Equal(Math.Min(asked, there), ModuleCalibration.Collect(module, Batches(), asked));
        Assert.InRange(drawn, asked - 1, asked);
        Assert.True(asked < each.Value("batches_fed")!.GetValue<int>());
        return double.NaN;
    }

    public static void SetAmax(TensorQuantizer quantizer, HostArray? amax)
    {
        if (amax is null)
            return;
        using var values = TensorOf(amax);
        quantizer.SetAmax(values);
    }

    public static Tensor TensorOf(HostArray array) => tensor(array.Floats.ToArray(), array.Shape.ToArray());

    public static float[] ValuesOf(Tensor values) => values.detach().contiguous().data<float>().ToArray();

    /// <summary>Bit for bit, −0 apart.</summary>
    public static void Exact(GoldenCase each, string role, Tensor actual)
    {
        if (each.Output(role) is not { } expected)
            return;
        Assert.Equal(expected.Shape.ToArray(), actual.shape);
        Assert.True(expected.Floats.ToArray().SequenceEqual(ValuesOf(actual)), $"{each.Id}: {role} differs");
    }

    /// <summary>Within float32 rounding: 1e-5 of the largest value.</summary>
    public static double Near(HostArray expected, Tensor actual, string what, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.shape);
        var (reference, ours) = (expected.Floats.ToArray(), ValuesOf(actual));
        var largest = reference.Zip(ours, (a, b) => Math.Abs(a - (double)b)).Max() / Math.Max(1e-3, reference.Max(Math.Abs));
        Assert.True(largest <= tolerance, $"{what} differs by {largest:g3} of its largest value");
        return largest;
    }

    private static void Range(GoldenCase each, string role, TensorQuantizer quantizer, Tensor x)
    {
        if (!quantizer.Quantizing || each.Output(role) is not { } expected)
            return;
        using var range = quantizer.RangeOf(x);
        Assert.Equal(expected.Floats.ToArray(), ValuesOf(range));
    }
}
