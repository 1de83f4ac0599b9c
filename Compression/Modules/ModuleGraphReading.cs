using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Modules;

/// <summary>Goes along a chain of modules and takes down nodes, weights and ranges.</summary>
internal sealed class ModuleGraphReading(ImageShape input)
{
    private readonly GraphBuilder builder = new("input");
    private readonly ImmutableSortedDictionary<string, HostArray>.Builder weights = ImmutableSortedDictionary.CreateBuilder<string, HostArray>(StringComparer.Ordinal);
    private readonly ImmutableArray<ActivationQuantizer>.Builder activations = ImmutableArray.CreateBuilder<ActivationQuantizer>();
    private readonly ImmutableArray<string>.Builder quantizedWeights = ImmutableArray.CreateBuilder<string>();
    private readonly Dictionary<string, float> activationAmax = [];
    private readonly Dictionary<string, ImmutableArray<float>> weightAmax = [];
    private RoundingRule? rounding;

    public ModuleGraph Read(nn.Module<Tensor, Tensor> module)
    {
        (string Name, nn.Module Module)[] chain = module is Sequential sequential ? [.. sequential.named_children()] : [(module.GetName(), module)];
        var x = builder.Input;
        foreach (var (name, each) in chain)
            x = Append(name, each, x);
        return new(
            new("modules", builder.Input, input, x, builder.Nodes), weights.ToImmutable(), new(activations.ToImmutable(), quantizedWeights.ToImmutable()),
            new(activationAmax.ToImmutableSortedDictionary(StringComparer.Ordinal), weightAmax.ToImmutableSortedDictionary(StringComparer.Ordinal)),
            rounding ?? RoundingRule.Onnx);
    }

    private string Append(string name, nn.Module module, string x)
    {
        var to = $"{name}_out";
        if (module is QuantizedModule { InputQuantizer: { Quantizing: true } quantizer })
        {
            var settings = quantizer.Settings;
            if (settings is { Signed: true, NarrowRange: true })
                throw Refused(quantizer, "leaves out the smallest signed level, but QuantizeLinear saturates at −128; let NarrowRange be false");
            if (!settings.Axes.IsEmpty)
                throw Refused(quantizer, $"has ranges along the axes [{string.Join(", ", settings.Axes)}], but an activation has one; leave Axes empty");
            activations.Add(new(x, settings.Signed));
            activationAmax[x] = AmaxOf(quantizer).Single();
        }

        if (module is QuantizedWeightModule weighted)
            Take(name, weighted);
        return module switch
        {
            QuantConv2d { Padding: PaddingModes.Constant } conv => builder.Add(new Conv(
                name, x, to, (int)conv.Weight.shape[1] * conv.Groups, (int)conv.Weight.shape[0], conv.Window, conv.Groups, conv.Bias is not null)),
            QuantLinear linear => builder.Add(new Gemm(name, x, to, (int)linear.Weight.shape[1], (int)linear.Weight.shape[0], linear.Bias is not null)),
            QuantMaxPool2d pool => builder.Add(new MaxPool(name, x, to, pool.Window)),
            QuantAvgPool2d pool => builder.Add(new AveragePool(name, x, to, pool.Window, pool.CountPadding)),
            QuantAdaptiveAvgPool2d { Rows: 1, Columns: 1 } => builder.Add(new GlobalAveragePool(name, x, to)),
            ReLU => builder.Add(new Relu(name, x, to)),
            TorchSharp.Modules.Flatten => builder.Add(new Graph.Flatten(name, x, to)),
            _ => throw new InvalidDataException(
                $"Module '{name}' is a {module.GetName()}, which the graph has no node for with these settings; it knows QuantConv2d with zeros around it, QuantLinear, QuantMaxPool2d, "
                + "QuantAvgPool2d, QuantAdaptiveAvgPool2d to 1x1, ReLU and Flatten."),
        };
    }

    private void Take(string name, QuantizedWeightModule module)
    {
        weights[$"{name}.weight"] = ArrayOf(module.Weight);
        if (module.Bias is not null)
            weights[$"{name}.bias"] = ArrayOf(module.Bias);
        var quantizer = module.WeightQuantizer;
        if (!quantizer.Quantizing)
            return;

        if (quantizer.Settings.Axes.Length > 1)
            throw Refused(quantizer, $"has ranges along the axes [{string.Join(", ", quantizer.Settings.Axes)}], but DequantizeLinear takes one axis; name the output channels alone");
        if (quantizer.Settings.Axes is [not 0])
            throw Refused(quantizer, $"has ranges along axis {quantizer.Settings.Axes[0]}, but the output channels of this layer are axis 0; let Axes be [0] or empty");
        if (!quantizer.Settings.Signed)
            throw Refused(quantizer, "is unsigned, but weights are stored as int8; let Signed be true");
        quantizedWeights.Add(name);
        weightAmax[name] = AmaxOf(quantizer);
    }

    private ImmutableArray<float> AmaxOf(TensorQuantizer quantizer)
    {
        var settings = quantizer.Settings;
        if (settings.Bits != 8)
            throw Refused(quantizer, $"has {settings.Bits} bits, but the file takes int8 and uint8; let Bits be 8");
        if (settings.LearnAmax)
            throw Refused(quantizer, "learns its range; fix the learned range with SetAmax in a quantizer that does not");
        rounding ??= settings.Rule;
        if (rounding != settings.Rule)
            throw Refused(quantizer, $"rounds by the rule {settings.Rule}, another before it by {rounding}; take one rule for all");
        if (quantizer.Amax is not { } amax)
            throw Refused(quantizer, "has no range; calibrate it, or set its amax");
        var factor = settings.AmaxFactor;
        return [.. ArrayOf(amax).Floats.ToArray().Select(value => value * factor)];
    }

    private static InvalidDataException Refused(TensorQuantizer quantizer, string why) =>
        new($"The quantizer of the {quantizer.TensorName} {why}. ONNX has no other form for it.");

    private static HostArray ArrayOf(Tensor values)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return HostArray.Of(values.detach().cpu().contiguous().data<float>().ToArray(), values.shape);
    }
}
