using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Fake quantization against pytorch-quantization: values and gradients.</summary>
internal static class FakeQuantCases
{
    public static double Compare(GoldenCase each)
    {
        var reason = WhyNot(each);
        Assert.SkipWhen(reason is not null, reason ?? "");
        if (!each.Raises)
            return CompareValues(each);
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(each, each.Input("amax")!));
        return 0;
    }

    private static string? WhyNot(GoldenCase each) => each switch
    {
        { Group: "dtype" } => "computes in float32 only",
        { Group: "affine" } => "zero points other than 0 are not built",
        { Group: "descriptor" } => "a record of defaults, nothing to compute",
        { Group: "non finite" } => "informative: what NaN and infinity become",
        { Id: "module_learn_amax" } => "learned ranges are not built",
        { Id: "unsigned_negative" } => "negative inputs of unsigned quantizers are clamped, not refused: looking would wait for the device",
        { Id: "negative_amax_channel" } => "ranges per channel are not checked: looking would wait for the device",
        _ => null,
    };

    private static double CompareValues(GoldenCase each)
    {
        var (y, gradient) = Run(each, Amax(each));
        var expected = each.Output("y")!.Floats.ToArray();
        var integers = each.Function == "tensor_quant" || each.Id == "module_real_quant";
        if (integers)
        {
            // The reference gives levels there; ours divided back by the scale are levels again.
            var scale = each.Output("scale")!.Floats.ToArray();
            var repeat = Broadcast(each.Input("x")!, each.Output("scale")!);
            y = [.. y.Select((value, i) => MathF.Round(value * scale[repeat(i)]))];
        }

        Assert.True(expected.SequenceEqual(y), $"{each.Id}: outputs differ");
        Assert.True(each.Output("grad_input")!.Floats.ToArray().SequenceEqual(gradient), $"{each.Id}: gradients differ");
        return 0;
    }

    private static HostArray Amax(GoldenCase each) =>
        each.Input("amax") ?? each.Output("amax_used") ?? throw new InvalidDataException($"{each.Id} has no amax");

    private static (float[] Y, float[] Gradient) Run(GoldenCase each, HostArray amax)
    {
        var settings = each.Descriptor;
        var bits = settings?["num_bits"]?.GetValue<int>() ?? each.Argument("num_bits", 8);
        var unsigned = settings?["unsigned"]?.GetValue<bool>() ?? each.Argument("unsigned", false);
        // Where a quantizer returns integers, the reference forgets to pass its range on, and the function's default is narrow.
        var narrow = (settings?["narrow_range"]?.GetValue<bool>() ?? each.Argument("narrow_range", false)) || each.Id == "module_real_quant";
        var max = (1 << (bits - (unsigned ? 0 : 1))) - 1;
        var min = unsigned ? 0 : narrow ? -max : -max - 1;

        using var scope = NewDisposeScope();
        var input = each.Input("x")!;
        var x = tensor(input.Floats.ToArray()).view(input.Shape.ToArray()).requires_grad_();
        var y = Quantize(x, amax, min, max, bits, unsigned);
        if (each.Input("grad_output") is HostArray outer)
            y.backward([tensor(outer.Floats.ToArray()).view(outer.Shape.ToArray())]);
        return (Values(y.detach()), x.grad is { } gradient ? Values(gradient) : []);
    }

    private static float[] Values(Tensor values) => values.numel() == 0 ? [] : values.contiguous().data<float>().ToArray();

    // Through the public entries where they have the case's levels, else through what they call.
    private static Tensor Quantize(Tensor x, HostArray amax, int min, int max, int bits, bool unsigned)
    {
        if (amax.Count == 1)
        {
            var range = amax.Floats[0];
            return bits == 8 && min != -127
                ? FakeQuantization.Activation(x, range, new ActivationQuantizer("x", !unsigned), RoundingRule.Pq)
                : FakeQuantization.PerTensor(x, range, min, max, RoundingRule.Pq);
        }

        var ranges = tensor(amax.Floats.ToArray());
        return min == -127 && amax.Shape[0] == amax.Count
            ? FakeQuantization.Weight(x, ranges, RoundingRule.Pq)
            : FakeQuantization.PerChannel(x, ranges.view(amax.Shape.ToArray()), min, max, RoundingRule.Pq);
    }

    // The position in a smaller array that an index of x is combined with.
    private static Func<int, int> Broadcast(HostArray x, HostArray small)
    {
        if (small.Count == 1)
            return _ => 0;
        var strides = new long[x.Shape.Length];
        for (long axis = x.Shape.Length - 1, stride = 1; axis >= 0; stride *= small.Shape[(int)axis], axis--)
            strides[axis] = small.Shape[(int)axis] == 1 ? 0 : stride;
        return index =>
        {
            long at = 0, rest = index;
            for (var axis = x.Shape.Length - 1; axis >= 0; rest /= x.Shape[axis], axis--)
                at += rest % x.Shape[axis] * strides[axis];
            return (int)at;
        };
    }
}
