using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Native;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Randomness;
using SparseGrid.Compression.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace SparseGrid.Compression.Training;

/// <summary>
/// A <see cref="LayerGraph"/> with its parameters as tensors: it runs forward, trains, and fake-quantizes. Not safe for several threads at once.
/// </summary>
/// <remarks>The parameters belong to this object, whatever dispose scope is open; forward results belong to the caller.</remarks>
public sealed class GraphNetwork : IDisposable
{
    private readonly Dictionary<string, Tensor> parameters = [];
    private readonly HashSet<string> trained;
    private readonly Dictionary<string, Tensor> weightAmax = [];
    private IReadOnlyDictionary<string, ActivationQuantizer> activationQuantizers = ImmutableDictionary<string, ActivationQuantizer>.Empty;
    private readonly Dictionary<string, LevelRounding> levels = [];
    private IReadOnlyDictionary<string, float> activationAmax = ImmutableDictionary<string, float>.Empty;
    private ImmutableHashSet<string> floatReaders = [];
    private HashSet<string> alsoReadInFloat = [];
    private RoundingRule rounding;

    /// <summary>A network with the given parameters.</summary>
    /// <param name="weights">An array for every parameter of the graph.</param>
    /// <exception cref="InvalidDataException">A parameter is missing or has another shape; all of them are listed.</exception>
    public GraphNetwork(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, ComputeDevice device)
    {
        Graph = graph;
        Device = device.Device;
        trained = [.. graph.Parameters.Where(parameter => parameter.Trained).Select(parameter => parameter.Name)];
        var faults = graph.Parameters
            .Where(parameter => !weights.TryGetValue(parameter.Name, out var array)
                || !array.Shape.SequenceEqual(parameter.Shape) || array.Type != ElementType.F32)
            .Select(parameter => $"{parameter.Name} [{string.Join(", ", parameter.Shape)}]").ToArray();
        if (faults.Length > 0)
            throw new InvalidDataException($"The weights do not fit network {graph.Name}: missing or of another shape are {string.Join("; ", faults)}.");

        foreach (var parameter in graph.Parameters)
        {
            var values = tensor(weights[parameter.Name].Floats.ToArray(), [.. parameter.Shape], device: Device);
            if (parameter.Shape.Length == 4 && Device.type == DeviceType.CPU)
            {
                using var rowMajor = values;
                values = DenseFloats.ChannelsLast(rowMajor);
            }

            values.DetachFromDisposeScope();
            parameters[parameter.Name] = parameter.Trained ? values.requires_grad_() : values;
        }
    }

    /// <summary>The graph it runs.</summary>
    public LayerGraph Graph { get; }

    /// <summary>Where it runs.</summary>
    internal Device Device { get; }

    /// <summary>The trained parameters by name, in graph order; they stay this object's.</summary>
    public IEnumerable<(string Name, Tensor Value)> Trained =>
        Graph.Parameters.Where(parameter => parameter.Trained).Select(parameter => (parameter.Name, parameters[parameter.Name]));

    /// <summary>Fresh parameters as a function of the seed: weights by He's rule over the fan-out, normalizations as identity, biases zero.</summary>
    /// <remarks>He et al., "Delving Deep into Rectifiers", arXiv:1502.01852, section 2.2; torchvision's ResNets use the fan-out form.</remarks>
    public static ImmutableSortedDictionary<string, HostArray> Initial(LayerGraph graph, int seed)
    {
        var weights = ImmutableSortedDictionary.CreateBuilder<string, HostArray>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            foreach (var parameter in node.Parameters)
            {
                var values = new float[parameter.Count];
                if (node is IWeightedNode weighted && parameter.Name == weighted.WeightName)
                    FillNormal(values, parameter, seed);
                else if (node is BatchNorm norm && (parameter.Name == norm.WeightName || parameter.Name == norm.VarianceName))
                    Array.Fill(values, 1f);
                weights[parameter.Name] = HostArray.Of(values, parameter.Shape.AsSpan());
            }
        }

        return weights.ToImmutable();
    }

    /// <summary>Every reason why a graph cannot be run here; empty where it can.</summary>
    public static IEnumerable<string> Unsupported(LayerGraph graph) => graph.Nodes.OfType<AveragePool>().Select(PaddedMean.FaultOf).OfType<string>();

    /// <summary>Turns fake quantization on for the following forward passes.</summary>
    /// <param name="ranges">amax of every quantizer of the placement.</param>
    /// <exception cref="InvalidDataException">A range is missing.</exception>
    public void Quantize(QuantizerPlacement placement, QuantizationRanges ranges, RoundingRule rule)
    {
        var missing = placement.Activations.Select(quantizer => quantizer.Tensor).Where(name => !ranges.Activations.ContainsKey(name))
            .Concat(placement.Weights.Where(name => !ranges.Weights.ContainsKey(name))).ToArray();
        if (missing.Length > 0)
            throw new InvalidDataException($"No range was calibrated for {string.Join(", ", missing)}.");

        rounding = rule;
        floatReaders = placement.FloatReaders;
        alsoReadInFloat = [.. Graph.Nodes.Where(node => floatReaders.Contains(node.Name)).SelectMany(node => node.Inputs)];
        activationQuantizers = placement.Activations.ToDictionary(quantizer => quantizer.Tensor);
        activationAmax = ranges.Activations;
        foreach (var quantizer in placement.Activations)
            levels[quantizer.Tensor] = new(activationAmax[quantizer.Tensor], quantizer.Levels, rule);
        foreach (var node in placement.Weights)
        {
            var (range, channels) = (ranges.Weights[node], (int)Graph.Nodes.First(candidate => candidate.Name == node).Parameters.First().Shape[0]);
            var amax = tensor(range.Length == 1 ? [.. Enumerable.Repeat(range[0], channels)] : range.ToArray(), device: Device);
            amax.DetachFromDisposeScope();
            weightAmax[node] = amax;
        }
    }

    /// <summary>Class scores [N, classes] of a batch [N, C, H, W].</summary>
    /// <param name="training">Normalize by the batch's own statistics and update the running ones.</param>
    /// <param name="observe">Told every tensor of the graph by name, before it is quantized; null for none.</param>
    public Tensor Forward(Tensor images, bool training, Action<string, Tensor>? observe = null)
    {
        using var scope = NewDisposeScope();
        var floats = new Dictionary<string, Tensor>();
        Tensor Seen(string name, Tensor value)
        {
            observe?.Invoke(name, value);
            if (alsoReadInFloat.Contains(name))
                floats[name] = value;
            return activationQuantizers.ContainsKey(name) ? Quantized(name, value, afterRelu: false) : value;
        }

        var tensors = new Dictionary<string, Tensor> { [Graph.InputName] = Seen(Graph.InputName, images) };
        foreach (var node in Graph.Nodes)
        {
            Tensor Read(string name) => floatReaders.Contains(node.Name) ? floats[name] : tensors[name];

            // Who only trains or predicts does not look between ReLU and its quantizer, so the two are one pass.
            tensors[node.Output] = node is Relu && observe is null && activationQuantizers.ContainsKey(node.Output) && !alsoReadInFloat.Contains(node.Output)
                ? Quantized(node.Output, Read(node.Input), afterRelu: true)
                : Seen(node.Output, Run(node, Read, training));
        }

        return tensors[Graph.OutputName].MoveToOuterDisposeScope();
    }

    /// <summary>False where a parameter or running statistic holds NaN or infinity.</summary>
    public bool IsFinite()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // x·0 is 0 for finite x and NaN otherwise: one number for all of them, read once.
        var sum = zeros(1, device: Device);
        foreach (var value in parameters.Values)
            sum.add_(value.mul(0).sum());
        return sum.item<float>() == 0;
    }

    /// <summary>A copy of all parameters and running statistics.</summary>
    public ImmutableSortedDictionary<string, HostArray> ToArrays()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return Graph.Parameters.ToImmutableSortedDictionary(
            parameter => parameter.Name,
            parameter => HostArray.Of(parameters[parameter.Name].detach().cpu().contiguous().data<float>().ToArray(), parameter.Shape.AsSpan()),
            StringComparer.Ordinal);
    }

    /// <summary>Overwrites all parameters and running statistics.</summary>
    public void Load(IReadOnlyDictionary<string, HostArray> arrays)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var parameter in Graph.Parameters)
            parameters[parameter.Name].copy_(tensor(arrays[parameter.Name].Floats.ToArray(), [.. parameter.Shape], device: Device));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in parameters.Values.Concat(weightAmax.Values))
        {
            if (value.requires_grad)
                value.grad?.Dispose();
            value.Dispose();
        }

        parameters.Clear();
        weightAmax.Clear();
    }

    private static void FillNormal(float[] values, ParameterShape parameter, int seed)
    {
        var random = new CounterRandom(seed, $"initial {parameter.Name}");
        var fanOut = parameter.Shape[0] * parameter.Shape.Skip(2).Aggregate(1L, (product, size) => product * size);
        var deviation = parameter.Shape.Length == 4 ? Math.Sqrt(2.0 / fanOut) : 1 / Math.Sqrt(parameter.Shape[1]);
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(deviation * random.Normal(0, i));
    }

    private Tensor Quantized(string name, Tensor value, bool afterRelu) =>
        Device.type == DeviceType.CPU ? OnePassFakeQuantization.PerTensor(value, levels[name], afterRelu)
        : afterRelu ? FakeQuantization.ReluActivation(value, activationAmax[name], activationQuantizers[name], rounding)
        : FakeQuantization.Activation(value, activationAmax[name], activationQuantizers[name], rounding);

    private Tensor Run(Node node, Func<string, Tensor> read, bool training)
    {
        var x = read(node.Inputs[0]);
        switch (node)
        {
            case Conv conv:
                var (padded, padding) = Padded(conv.InChannels == 1 ? ChannelsInnermost(x) : x, conv.Window, 0);
                return conv2d(
                    padded, WeightOf(conv), conv.HasBias ? parameters[conv.BiasName] : null,
                    strides: [conv.Window.StrideHeight, conv.Window.StrideWidth], padding: padding,
                    dilation: [conv.Window.DilationHeight, conv.Window.DilationWidth], groups: conv.Groups);
            case Gemm gemm:
                return linear(x, WeightOf(gemm), gemm.HasBias ? parameters[gemm.BiasName] : null);
            case BatchNorm norm:
                return batch_norm(
                    x, parameters[norm.MeanName], parameters[norm.VarianceName], parameters[norm.WeightName], parameters[norm.BiasName],
                    training, norm.Momentum, norm.Epsilon);
            case Relu:
                return relu(x);
            case Add add:
                return x.add(read(add.Right), NativeScalar.One);
            case MaxPool pool:
                var (widened, around) = Padded(x, pool.Window, double.NegativeInfinity);
                return max_pool2d(
                    widened, [pool.Window.KernelHeight, pool.Window.KernelWidth], [pool.Window.StrideHeight, pool.Window.StrideWidth],
                    around, [pool.Window.DilationHeight, pool.Window.DilationWidth]);
            case AveragePool pool:
                return PaddedMean.Of(pool, x);
            case GlobalAveragePool:
                return x.mean([2, 3], keepdim: true);
            case Flatten:
                return x.flatten(1);
            case Clip clip:
                return NativeScalar.With(clip.Min, clip.Max, (min, max) => x.clamp(min, max));
            case Sigmoid:
                return x.sigmoid();
            case HardSigmoid gate:
                var line = NativeScalar.With(gate.Slope, gate.Shift, (slope, shift) => x.mul(slope).add_(shift, NativeScalar.One));
                return NativeScalar.With(0, 1, (least, most) => line.clamp_(least, most));
            case HardSwish:
                return hardswish(x);
            case Mul:
                return x.mul(read(node.Inputs[1]));
            case ChannelScale scale:
                var perChannel = x.dim() == 4 ? (long[])[1, -1, 1, 1] : [1, -1];
                return x.mul(parameters[scale.FactorName].view(perChannel)).add_(parameters[scale.ShiftName].view(perChannel), NativeScalar.One);
            case ChannelSlice slice:
                return x.narrow(1, slice.Start, slice.Count);
            case ChannelShuffle shuffle:
                var (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
                return x.reshape(n, shuffle.Groups, c / shuffle.Groups, h, w).transpose(1, 2).reshape(n, c, h, w);
            case Unflatten:
                return x.reshape(x.shape[0], x.shape[1], 1, 1);
            case Concat concat:
                return cat([.. concat.From.Select(read)], 1);
            default:
                throw new NotSupportedException($"Node '{node.Name}' is a {node.GetType().Name}, which the trainer cannot run.");
        }
    }

    // With one channel either order is the same memory; where the strides say the wrong one, the convolution's output is row-major, and the normalization behind it
    // goes backward through a path several times slower. Only images have one channel, so no gradient flows here.
    private Tensor ChannelsInnermost(Tensor x) => Device.type == DeviceType.CPU && !x.requires_grad ? DenseFloats.ChannelsLast(x) : x;

    private Tensor WeightOf(IWeightedNode node) =>
        weightAmax.TryGetValue(node.Name, out var amax)
            ? FakeQuantization.Weight(parameters[node.WeightName], amax, rounding)
            : parameters[node.WeightName];

    // The native kernels pad both sides alike; anything else is padded first.
    private static (Tensor Input, long[] Padding) Padded(Tensor x, Window window, double fill) =>
        window.PadTop == window.PadBottom && window.PadLeft == window.PadRight
            ? (x, [window.PadTop, window.PadLeft])
            : (pad(x, [window.PadLeft, window.PadRight, window.PadTop, window.PadBottom], PaddingModes.Constant, fill), [0, 0]);
}
