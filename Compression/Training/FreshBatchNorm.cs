using System.Collections.Immutable;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Training;

/// <summary>Gives convolutions that have no batch normalization behind them a new one, with which a network trains on; an export folds it away again.</summary>
/// <remarks>
/// In evaluation a normalization with γ = sqrt(var + ε) and β = mean is the identity whatever its running mean and variance are. A training step, though, normalizes by the batch's own, and
/// with any others than those that the batches have the function would jump at the first step. So they are measured: mean and variance of each convolution's output over the
/// given images, in evaluation mode. A convolution's bias moves into β, since a normalization takes any bias out again.
/// </remarks>
public static class FreshBatchNorm
{
    private const int BatchSize = 64;

    /// <summary>The graph with a normalization behind each convolution whose output no normalization reads, but the last layer with weights and one that writes the network's output.</summary>
    /// <param name="weights">An array for every parameter of the graph.</param>
    /// <param name="images">Images as the network is trained on, from which the statistics are taken; some hundreds do.</param>
    /// <returns>Tensors keep their names, so quantizers and ranges by name stay right: what the convolution wrote, its normalization NAME.bn writes now. The function is unchanged in evaluation.</returns>
    /// <exception cref="ArgumentException">There are no images.</exception>
    /// <exception cref="InvalidDataException">A parameter is missing, or the output of a convolution is not finite.</exception>
    public static (LayerGraph Graph, ImmutableSortedDictionary<string, HostArray> Weights) Insert(
        LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, LabeledImages images, ComputeDevice device, CancellationToken stop = default)
    {
        if (images.Count == 0)
            throw new ArgumentException("There are no images, and the statistics of the new normalizations come from them. Give some hundreds.", nameof(images));

        var bare = Without(graph);
        var changed = graph.Parameters.ToImmutableSortedDictionary(parameter => parameter.Name, parameter => weights[parameter.Name], StringComparer.Ordinal).ToBuilder();
        var statistics = Measure(graph, weights, bare, images, device, stop);
        var fresh = Inserted(graph);
        var norms = fresh.Nodes.OfType<BatchNorm>().ToDictionary(norm => norm.Output);
        foreach (var conv in graph.Nodes.OfType<Conv>().Where(conv => bare.Contains(conv.Output)))
        {
            var norm = norms[conv.Output];
            var (mean, variance) = statistics[conv.Output];
            var bias = conv.HasBias ? weights[conv.BiasName].Floats.ToArray() : new float[conv.OutChannels];
            changed.Remove(conv.BiasName);
            var (running, spread) = (new float[conv.OutChannels], Array.ConvertAll(variance, value => (float)value));
            for (var k = 0; k < running.Length; k++)
                running[k] = (float)(mean[k] - bias[k]);
            changed[norm.MeanName] = HostArray.Of(running, conv.OutChannels);
            changed[norm.VarianceName] = HostArray.Of(spread, conv.OutChannels);
            changed[norm.WeightName] = HostArray.Of(Array.ConvertAll(spread, value => (float)Math.Sqrt(value + norm.Epsilon)), conv.OutChannels);
            changed[norm.BiasName] = HostArray.Of([.. running.Zip(bias, (average, own) => average + own)], conv.OutChannels);
        }

        return (fresh, changed.ToImmutable());
    }

    /// <summary>The graph of <see cref="Insert"/> alone, which depends on no weights and no images.</summary>
    public static LayerGraph Inserted(LayerGraph graph)
    {
        var bare = Without(graph);
        var names = graph.Nodes.Select(node => node.Name).ToHashSet();
        var tensors = graph.Nodes.SelectMany(node => node.Outputs).Append(graph.InputName).ToHashSet();
        var nodes = ImmutableArray.CreateBuilder<Node>();
        foreach (var node in graph.Nodes)
        {
            if (node is not Conv conv || !bare.Contains(conv.Output))
            {
                nodes.Add(node);
                continue;
            }

            var norm = new BatchNorm(Free($"{conv.Name}.bn", names), Free($"{conv.Output}.conv", tensors), conv.Output, conv.OutChannels);
            nodes.Add(new Conv(conv.Name, conv.Input, norm.Input, conv.InChannels, conv.OutChannels, conv.Window, conv.Groups));
            nodes.Add(norm);
        }

        return graph with { Nodes = nodes.ToImmutable() };
    }

    /// <summary>The outputs of the convolutions that <see cref="Insert"/> gives a normalization, in graph order.</summary>
    public static ImmutableArray<string> Without(LayerGraph graph)
    {
        var last = graph.WeightedNodes.LastOrDefault()?.Name;
        return
        [
            .. graph.Nodes.OfType<Conv>()
                .Where(conv => conv.Name != last && conv.Output != graph.OutputName && !graph.ConsumersOf(conv.Output).Any(reader => reader is BatchNorm))
                .Select(conv => conv.Output),
        ];
    }

    // Mean and variance of each channel, batch by batch, so that large means lose no digits (Chan et al., "Updating Formulae and a Pairwise Algorithm", 1979).
    private static Dictionary<string, (double[] Mean, double[] Variance)> Measure(
        LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, ImmutableArray<string> tensors, LabeledImages images, ComputeDevice device, CancellationToken stop)
    {
        using var network = new GraphNetwork(graph, weights, device);
        using var noGrad = no_grad();
        var wanted = tensors.ToHashSet();
        var found = new Dictionary<string, (double Count, double[] Mean, double[] Squares)>();
        for (var from = 0; from < images.Count; from += BatchSize)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            network.Forward(Evaluator.ToTensor(images, from, Math.Min(BatchSize, images.Count - from), network.Device), training: false, (name, value) =>
            {
                if (!wanted.Contains(name))
                    return;
                var values = value.to(ScalarType.Float64);
                var (mean, variance) = (Numbers(values.mean([0, 2, 3])), Numbers(values.var([0, 2, 3], unbiased: false)));
                if (!mean.All(double.IsFinite) || !variance.All(double.IsFinite))
                    throw new InvalidDataException($"Tensor '{name}' of network {graph.Name} is NaN or infinite on these images; are its weights those of a finished training?");
                var count = (double)(value.numel() / value.shape[1]);
                if (!found.TryGetValue(name, out var sum))
                    sum = (0, new double[mean.Length], new double[mean.Length]);
                for (var k = 0; k < mean.Length; k++)
                {
                    var (difference, share) = (mean[k] - sum.Mean[k], count / (sum.Count + count));
                    sum.Squares[k] += variance[k] * count + difference * difference * sum.Count * share;
                    sum.Mean[k] += difference * share;
                }

                found[name] = sum with { Count = sum.Count + count };
            });
        }

        return found.ToDictionary(entry => entry.Key, entry => (entry.Value.Mean, Array.ConvertAll(entry.Value.Squares, squares => squares / entry.Value.Count)));
    }

    private static double[] Numbers(Tensor values) => values.cpu().contiguous().data<double>().ToArray();

    private static string Free(string name, HashSet<string> taken)
    {
        var free = name;
        for (var i = 2; !taken.Add(free); i++)
            free = $"{name}.{i}";
        return free;
    }
}
