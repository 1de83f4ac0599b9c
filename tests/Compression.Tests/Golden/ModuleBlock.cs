using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Modules;
using SparseGrid.Compression.Quantization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>A residual block of quantized modules, as the example ResNet of pytorch-quantization has it: a quantizer on the identity branch, right before the add.</summary>
internal sealed class ModuleBlock : nn.Module<Tensor, Tensor>
{
    // Components are registered by the names of their fields.
    private readonly List<(QuantConv2d Conv, BatchNorm2d Norm)> branch = [];
    private readonly Sequential? downsample;
    private readonly TensorQuantizer residual_quantizer;

    public ModuleBlock(bool bottleneck, int channels, int planes, int stride, bool projected, QuantizerSettings input)
        : base(nameof(ModuleBlock))
    {
        var outputs = bottleneck ? 4 * planes : planes;
        (int From, int To, Window Window)[] layers = bottleneck
            ? [(channels, planes, Window.Square(1)), (planes, planes, Window.Square(3, stride, 1)), (planes, outputs, Window.Square(1))]
            : [(channels, planes, Window.Square(3, stride, 1)), (planes, planes, Window.Square(3, 1, 1))];
        foreach (var (from, to, window) in layers)
        {
            branch.Add((new(from, to, window, bias: false, input: input), nn.BatchNorm2d(to)));
            register_module($"conv{branch.Count}", branch[^1].Conv);
            register_module($"bn{branch.Count}", branch[^1].Norm);
        }

        if (projected)
            register_module("downsample", downsample = nn.Sequential(("0", new QuantConv2d(channels, outputs, Window.Square(1, stride), bias: false, input: input)), ("1", nn.BatchNorm2d(outputs))));
        register_module("residual_quantizer", residual_quantizer = new(input, "identity"));
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = x;
        foreach (var (conv, norm) in branch)
        {
            y = norm.call(conv.call(y));
            if (conv != branch[^1].Conv)
                y = y.relu();
        }

        return y.add(residual_quantizer.call(downsample?.call(x) ?? x)).relu().MoveToOuterDisposeScope();
    }
}
