using System.Collections.Immutable;

namespace SparseGrid.Compression.Graph;

/// <summary>Builders of the ResNet family, with torchvision's parameter names.</summary>
/// <remarks>He et al., "Deep Residual Learning for Image Recognition", arXiv:1512.03385: table 1 for ImageNet, section 4.2 for small images.</remarks>
public static class ResNet
{
    /// <summary>Names that <see cref="Build"/> knows.</summary>
    public static ImmutableArray<string> Names { get; } = ["resnet8", "resnet20", "resnet18", "resnet34", "resnet50"];

    /// <summary>Builds a network by name.</summary>
    /// <param name="name">resnet8 and resnet20 for small images (3x3 stem, three stages); resnet18, resnet34 and resnet50 as in torchvision.</param>
    /// <param name="input">Shape of one image.</param>
    /// <param name="classes">Number of classes, at least 2.</param>
    /// <param name="width">Channels of the first stage; 0 takes the usual one, 16 for small images, 64 otherwise.</param>
    /// <exception cref="ArgumentException">The name is unknown, or a number is out of range.</exception>
    public static LayerGraph Build(string name, ImageShape input, int classes, int width = 0)
    {
        if (classes < 2)
            throw new ArgumentException($"classes is {classes}: a classifier tells at least 2 apart.", nameof(classes));
        if (width < 0)
            throw new ArgumentException($"width is {width}: the first stage has at least 1 channel, and 0 takes the usual number.", nameof(width));

        return name switch
        {
            "resnet8" => Small(name, input, classes, width, [1, 1, 1]),
            "resnet20" => Small(name, input, classes, width, [3, 3, 3]),
            "resnet18" => Large(name, input, classes, width, [2, 2, 2, 2], bottleneck: false),
            "resnet34" => Large(name, input, classes, width, [3, 4, 6, 3], bottleneck: false),
            "resnet50" => Large(name, input, classes, width, [3, 4, 6, 3], bottleneck: true),
            _ => throw new ArgumentException($"network '{name}' is unknown; known are {string.Join(", ", Names)}.", nameof(name)),
        };
    }

    private static LayerGraph Small(string name, ImageShape input, int classes, int width, int[] blocks)
    {
        var builder = new GraphBuilder("input");
        var stem = width == 0 ? 16 : width;
        var x = builder.ConvNormRelu("conv1", "bn1", "relu", "input", input.Channels, stem, Window.Square(3, 1, 1));
        return Stages(builder, name, input, classes, x, stem, blocks, bottleneck: false);
    }

    private static LayerGraph Large(string name, ImageShape input, int classes, int width, int[] blocks, bool bottleneck)
    {
        var builder = new GraphBuilder("input");
        var stem = width == 0 ? 64 : width;
        var x = builder.ConvNormRelu("conv1", "bn1", "relu", "input", input.Channels, stem, Window.Square(7, 2, 3));
        x = builder.Add(new MaxPool("maxpool", x, "maxpool_out", Window.Square(3, 2, 1)));
        return Stages(builder, name, input, classes, x, stem, blocks, bottleneck);
    }

    private static LayerGraph Stages(
        GraphBuilder builder, string name, ImageShape input, int classes, string x, int width, int[] blocks, bool bottleneck)
    {
        var channels = width;
        for (var stage = 0; stage < blocks.Length; stage++)
        {
            var planes = width << stage;
            for (var block = 0; block < blocks[stage]; block++)
            {
                var prefix = $"layer{stage + 1}.{block}";
                var stride = stage > 0 && block == 0 ? 2 : 1;
                x = bottleneck
                    ? AddBottleneck(builder, prefix, x, channels, planes, stride)
                    : AddBasicBlock(builder, prefix, x, channels, planes, stride);
                channels = bottleneck ? planes * 4 : planes;
            }
        }

        x = builder.Add(new GlobalAveragePool("avgpool", x, "avgpool_out"));
        x = builder.Add(new Flatten("flatten", x, "flatten_out"));
        x = builder.Add(new Gemm("fc", x, "output", channels, classes));
        return new(name, "input", input, x, builder.Nodes);
    }

    /// <summary>Appends a block of two 3x3 convolutions with its residual add.</summary>
    /// <param name="prefix">Of the nodes' names: layer1.0; empty for none.</param>
    /// <param name="x">The tensor that it reads.</param>
    /// <param name="channels">Of that tensor.</param>
    /// <param name="planes">Channels of the output.</param>
    /// <param name="stride">Of the first convolution.</param>
    /// <param name="projected">True puts a 1x1 convolution on the identity branch; null does so where the shapes ask for it.</param>
    /// <returns>The tensor that it writes.</returns>
    public static string AddBasicBlock(GraphBuilder builder, string prefix, string x, int channels, int planes, int stride, bool? projected = null)
    {
        var at = prefix.Length == 0 ? "" : prefix + ".";
        var branch = builder.ConvNormRelu($"{at}conv1", $"{at}bn1", $"{at}relu1", x, channels, planes, Window.Square(3, stride, 1));
        branch = builder.ConvNorm($"{at}conv2", $"{at}bn2", branch, planes, planes, Window.Square(3, 1, 1));
        return Join(builder, at, x, branch, channels, planes, stride, "relu2", projected);
    }

    /// <summary>Appends a block of a 1x1, a 3x3 and a 1x1 convolution with its residual add; the output has 4 · planes channels.</summary>
    /// <param name="stride">Of the 3x3 convolution.</param>
    /// <inheritdoc cref="AddBasicBlock"/>
    public static string AddBottleneck(GraphBuilder builder, string prefix, string x, int channels, int planes, int stride, bool? projected = null)
    {
        var at = prefix.Length == 0 ? "" : prefix + ".";
        var branch = builder.ConvNormRelu($"{at}conv1", $"{at}bn1", $"{at}relu1", x, channels, planes, Window.Square(1));
        branch = builder.ConvNormRelu($"{at}conv2", $"{at}bn2", $"{at}relu2", branch, planes, planes, Window.Square(3, stride, 1));
        branch = builder.ConvNorm($"{at}conv3", $"{at}bn3", branch, planes, planes * 4, Window.Square(1));
        return Join(builder, at, x, branch, channels, planes * 4, stride, "relu3", projected);
    }

    private static string Join(
        GraphBuilder builder, string at, string identity, string branch, int channels, int outChannels, int stride, string relu, bool? projected)
    {
        if (projected ?? (stride != 1 || channels != outChannels))
        {
            identity = builder.ConvNorm(
                $"{at}downsample.0", $"{at}downsample.1", identity, channels, outChannels, Window.Square(1, stride));
        }

        var sum = builder.Add(new Add($"{at}add", branch, identity, $"{at}add_out"));
        return builder.Add(new Relu($"{at}{relu}", sum, $"{at}{relu}_out"));
    }
}
