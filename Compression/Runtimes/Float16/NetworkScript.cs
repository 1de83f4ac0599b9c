using System.Globalization;
using System.Text;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Runtimes.Float16;

/// <summary>A network as the source of one TorchScript function, <c>forward</c>: a line for each node, a parameter for each constant.</summary>
/// <remarks>TorchSharp offers no cudnn_convolution_relu; scripts reach every operator of libtorch. Batch normalizations are folded first.</remarks>
internal sealed class NetworkScript
{
    private readonly LayerGraph graph;
    private readonly IReadOnlyDictionary<string, HostArray> weights;
    private readonly IReadOnlyDictionary<string, ImageShape> shapes;
    private readonly Dictionary<string, string> tensors = [];
    private readonly List<string> lines = [];
    private readonly List<HostArray> constants = [];

    /// <param name="fused">Whether a fusion is written as one call of cuDNN, which is on GPUs alone.</param>
    /// <exception cref="NotSupportedException">A node has no line; the message names it.</exception>
    public NetworkScript(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, Func<ConvolutionFusion, bool> fused)
    {
        (this.graph, this.weights) = BatchNormFolding.Fold(graph, weights);
        shapes = GraphShapes.Of(this.graph);
        Fusions = [.. ConvolutionFusion.Of(this.graph).Where(fused)];
        var last = Fusions.ToDictionary(fusion => fusion.Last.Name);
        var inside = Fusions.SelectMany(fusion => fusion.Inside(this.graph)).ToHashSet();
        tensors[this.graph.InputName] = "x";
        foreach (var node in this.graph.Nodes.Where(node => !inside.Contains(node.Name)))
            Assign(node.Output, last.TryGetValue(node.Name, out var fusion) ? Fused(fusion) : Plain(node));

        var source = new StringBuilder("def forward(x: Tensor");
        for (var i = 0; i < constants.Count; i++)
            source.Append(CultureInfo.InvariantCulture, $", p{i}: Tensor");
        source.Append(") -> Tensor:\n");
        foreach (var line in lines)
            source.Append("    ").Append(line).Append('\n');
        Source = source.Append("    return ").Append(tensors[this.graph.OutputName]).Append('\n').ToString();
    }

    /// <summary>The source.</summary>
    public string Source { get; }

    /// <summary>What stands behind the images in a call; float32, weights of convolutions [K, C / groups, R, S].</summary>
    public IReadOnlyList<HostArray> Constants => constants;

    /// <summary>What is written as one call.</summary>
    public IReadOnlyList<ConvolutionFusion> Fusions { get; }

    private void Assign(string tensor, string expression)
    {
        tensors[tensor] = $"t{lines.Count}";
        lines.Add($"t{lines.Count} = {expression}");
    }

    private string Fused(ConvolutionFusion fusion)
    {
        var conv = fusion.Conv;
        var (x, padding) = Padded(conv.Input, conv.Window, "0.0");
        var (weight, bias) = (Constant(weights[conv.WeightName]), Constant(conv.HasBias ? weights[conv.BiasName] : Filled(0, conv.OutChannels)));
        var slide = $"{Pair(conv.Window.StrideHeight, conv.Window.StrideWidth)}, {padding}, {Pair(conv.Window.DilationHeight, conv.Window.DilationWidth)}, {conv.Groups}";
        return fusion.Residual is { } residual
            ? $"torch.cudnn_convolution_add_relu({x}, {weight}, {tensors[residual]}, 1.0, {bias}, {slide})"
            : $"torch.cudnn_convolution_relu({x}, {weight}, {bias}, {slide})";
    }

    private string Plain(Node node)
    {
        var x = tensors[node.Input];
        switch (node)
        {
            case Conv conv:
                var (padded, padding) = Padded(conv.Input, conv.Window, "0.0");
                var bias = conv.HasBias ? Constant(weights[conv.BiasName]) : "None";
                return $"torch.conv2d({padded}, {Constant(weights[conv.WeightName])}, {bias}, {Pair(conv.Window.StrideHeight, conv.Window.StrideWidth)}, {padding}, "
                    + $"{Pair(conv.Window.DilationHeight, conv.Window.DilationWidth)}, {conv.Groups})";
            case Gemm gemm:
                return $"torch.linear({x}, {Constant(weights[gemm.WeightName])}, {(gemm.HasBias ? Constant(weights[gemm.BiasName]) : "None")})";
            case BatchNorm norm:
                var affine = ChannelAffine.Of(norm.Channels, null, norm, weights);
                return PerChannel(x, norm.Input, Array.ConvertAll(affine.Factor, value => (float)value), Array.ConvertAll(affine.Shift, value => (float)value));
            case ChannelScale scale:
                return PerChannel(x, scale.Input, weights[scale.FactorName].Floats.ToArray(), weights[scale.ShiftName].Floats.ToArray());
            case MaxPool pool:
                var (widened, around) = Padded(pool.Input, pool.Window, "-65504.0");
                return $"torch.max_pool2d({widened}, {Pair(pool.Window.KernelHeight, pool.Window.KernelWidth)}, {Pair(pool.Window.StrideHeight, pool.Window.StrideWidth)}, {around}, "
                    + $"{Pair(pool.Window.DilationHeight, pool.Window.DilationWidth)}, False)";
            case AveragePool pool:
                return Average(pool);
            case Add:
                return $"torch.add({x}, {tensors[node.Inputs[1]]})";
            case Mul:
                return $"torch.mul({x}, {tensors[node.Inputs[1]]})";
            case Concat:
                return $"torch.cat([{string.Join(", ", node.Inputs.Select(input => tensors[input]))}], 1)";
            case Clip clip:
                return $"torch.clamp({x}, {Bound(clip.Min)}, {Bound(clip.Max)})";
            case HardSigmoid gate:
                return $"torch.clamp(torch.add(torch.mul({x}, {Number(gate.Slope)}), {Number(gate.Shift)}), 0.0, 1.0)";
            case ChannelSlice slice:
                return $"torch.narrow({x}, 1, {slice.Start}, {slice.Count})";
            case ChannelShuffle shuffle:
                var shape = shapes[shuffle.Input];
                var apart = $"torch.reshape({x}, [-1, {shuffle.Groups}, {shape.Channels / shuffle.Groups}, {shape.Height}, {shape.Width}])";
                return $"torch.reshape(torch.transpose({apart}, 1, 2), [-1, {shape.Channels}, {shape.Height}, {shape.Width}])";
            case Unflatten:
                return $"torch.reshape({x}, [-1, {shapes[node.Input].Channels}, 1, 1])";
            default:
                return node switch
                {
                    Relu => $"torch.relu({x})",
                    Sigmoid => $"torch.sigmoid({x})",
                    HardSwish => $"torch.hardswish({x})",
                    GlobalAveragePool => $"torch.mean({x}, [2, 3], True)",
                    Flatten => $"torch.flatten({x}, 1)",
                    _ => throw new NotSupportedException($"Node '{node.Name}' is a {node.GetType().Name}, which the float16 baseline cannot run."),
                };
        }
    }

    // Means whose padding does not count are sums over everything times one over the number of pixels inside.
    private string Average(AveragePool pool)
    {
        var window = pool.Window;
        if ((window.DilationHeight, window.DilationWidth) != (1, 1))
            throw new NotSupportedException($"Node '{pool.Name}' is an average pool with dilation, which the float16 baseline cannot run.");
        var (kernel, strides) = (Pair(window.KernelHeight, window.KernelWidth), Pair(window.StrideHeight, window.StrideWidth));
        if (window is { PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0 })
            return $"torch.avg_pool2d({tensors[pool.Input]}, {kernel}, {strides}, [0, 0], False, True)";
        var mean = $"torch.avg_pool2d(torch.constant_pad_nd({tensors[pool.Input]}, {Sides(window)}, 0.0), {kernel}, {strides}, [0, 0], False, True)";
        if (pool.CountPadding)
            return mean;
        var (from, to) = (shapes[pool.Input], shapes[pool.Output]);
        var factors = new float[to.Height * to.Width];
        for (var i = 0; i < factors.Length; i++)
        {
            var inside = Inside(i / to.Width, window.StrideHeight, window.PadTop, window.KernelHeight, from.Height) * Inside(i % to.Width, window.StrideWidth, window.PadLeft, window.KernelWidth, from.Width);
            factors[i] = (float)(window.KernelHeight * window.KernelWidth) / Math.Max(1, inside);
        }

        return $"torch.mul({mean}, {Constant(HostArray.Of(factors, 1, 1, to.Height, to.Width))})";
    }

    private static int Inside(int at, int stride, int before, int kernel, int size) => Math.Min(size, at * stride - before + kernel) - Math.Max(0, at * stride - before);

    private string PerChannel(string x, string tensor, float[] factor, float[] shift)
    {
        long[] shape = graph.ProducerOf(tensor) is Flatten or Gemm ? [1, factor.Length] : [1, factor.Length, 1, 1];
        return $"torch.add(torch.mul({x}, {Constant(HostArray.Of(factor, shape))}), {Constant(HostArray.Of(shift, shape))})";
    }

    // The operators pad both sides alike; anything else is padded first.
    private (string Tensor, string Padding) Padded(string tensor, Window window, string fill) =>
        window.PadTop == window.PadBottom && window.PadLeft == window.PadRight
            ? (tensors[tensor], Pair(window.PadTop, window.PadLeft))
            : ($"torch.constant_pad_nd({tensors[tensor]}, {Sides(window)}, {fill})", "[0, 0]");

    private string Constant(HostArray array)
    {
        constants.Add(array);
        return $"p{constants.Count - 1}";
    }

    private static HostArray Filled(float value, int count) => HostArray.Of(Enumerable.Repeat(value, count).ToArray(), count);

    private static string Sides(Window window) => $"[{window.PadLeft}, {window.PadRight}, {window.PadTop}, {window.PadBottom}]";

    private static string Pair(int height, int width) => $"[{height}, {width}]";

    private static string Bound(float bound) => float.IsInfinity(bound) ? "None" : Number(bound);

    private static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}
