using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Golden;
using SparseGrid.Compression.Tests.Onnx;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Training;

public sealed class FreshBatchNormTests
{
    [Fact]
    public void Scores_stay_in_evaluation_and_on_the_measured_images_in_training_too()
    {
        var (graph, weights, images) = Small();
        var (normalized, fresh) = FreshBatchNorm.Insert(graph, weights, images, ComputeDevice.Cpu, TestContext.Current.CancellationToken);

        Assert.Equal(["conv1.bn", "left.bn"], normalized.Nodes.OfType<BatchNorm>().Select(norm => norm.Name).Except(["own"]));
        Assert.DoesNotContain("conv1.bias", fresh.Keys);
        Assert.Empty(normalized.Problems());
        var before = Scores(graph, weights, images, training: false);
        ImportedModel.AssertNear(before, Scores(normalized, fresh, images, training: false), 1e-5);
        // In training each batch is normalized by its own statistics: those that were measured, where it is all of the images.
        var own = Scores(graph, weights, images, training: true);
        ImportedModel.AssertNear(own, Scores(normalized, fresh, images, training: true), 1e-4);

        // With mean 0 and variance 1, the identity in evaluation as well, the first step would see another function.
        var plain = fresh.ToDictionary();
        foreach (var norm in normalized.Nodes.OfType<BatchNorm>().Where(norm => norm.Name != "own"))
        {
            plain[norm.MeanName] = HostArray.Of(new float[norm.Channels], norm.Channels);
            plain[norm.BiasName] = norm.Name == "conv1.bn" ? weights["conv1.bias"] : plain[norm.MeanName];
            plain[norm.VarianceName] = HostArray.Of(Enumerable.Repeat(1f, norm.Channels).ToArray(), norm.Channels);
            plain[norm.WeightName] = HostArray.Of(Enumerable.Repeat(MathF.Sqrt(1 + 1e-5f), norm.Channels).ToArray(), norm.Channels);
        }

        ImportedModel.AssertNear(before, Scores(normalized, plain, images, training: false), 1e-5);
        var jumped = Scores(normalized, plain, images, training: true);
        Assert.True(own.Zip(jumped, (a, b) => Math.Abs(a - b)).Max() > 0.1 * own.Max(Math.Abs));
    }

    [Fact]
    public void It_trains_and_folds_away_on_export()
    {
        var (graph, weights, images) = Small();
        var (normalized, fresh) = FreshBatchNorm.Insert(graph, weights, images, ComputeDevice.Cpu, TestContext.Current.CancellationToken);
        using var scope = NewDisposeScope();
        using var network = new GraphNetwork(normalized, fresh, ComputeDevice.Cpu);
        using var optimizer = new MaskedSgd(network.Trained, new Dictionary<string, HostArray>(), 0.9, 0);
        var losses = new List<float>();
        for (var step = 0; step < 60; step++)
        {
            var loss = nn.functional.cross_entropy(
                network.Forward(tensor(images.Pixels(0, images.Count), [images.Count, 3, 8, 8]), training: true), tensor(images.Labels.Select(label => (long)label).ToArray()));
            losses.Add(loss.item<float>());
            loss.backward();
            optimizer.Step(0.2);
        }

        Assert.True(losses[^1] < losses[0] / 2, string.Join(" ", losses));
        var trained = network.ToArrays();
        var file = OnnxExporter.Export(normalized, trained, new());
        Assert.Equal(1, ExportedSparsity.Parse(file).Graph.Node.Count(node => node.OpType == "BatchNormalization"));       // that behind the sum, which was there before
        Assert.Equal(graph.Nodes.Select(node => node.Name), OnnxImport.Read(file, "folded").Graph.Nodes.Select(node => node.Name));
        ImportedModel.AssertNear(
            Scores(normalized, trained, images, training: false), ImportedModel.InRuntime(file, HostArray.Of(images.Pixels(0, images.Count), images.Count, 3, 8, 8)), 1e-4);
    }

    [Fact]
    public void A_network_without_any_normalization_gets_one_behind_all_convolutions_but_the_last()
    {
        var network = OnnxImport.Open(Path.Combine(GoldenIndex.Folder, "models", "squeezenet1_1.onnx"));
        var shape = network.Graph.InputShape;
        var images = new LabeledImages(shape, 2, TestNetwork.Normal(4 * shape.Count, seed: 3), new int[4]);
        var (graph, weights) = FreshBatchNorm.Insert(network.Graph, network.Weights, images, ComputeDevice.Cpu, TestContext.Current.CancellationToken);

        Assert.Equal(network.Graph.Nodes.OfType<Conv>().Count() - 1, graph.Nodes.OfType<BatchNorm>().Count());
        ImportedModel.AssertNear(Scores(network.Graph, network.Weights, images, training: false), Scores(graph, weights, images, training: false));
    }

    [Fact]
    public void Batches_together_give_the_statistics_of_all_images_and_a_second_time_nothing_is_left_to_do()
    {
        var (graph, weights, _) = Small();
        var images = new LabeledImages(graph.InputShape, 4, TestNetwork.Normal(150 * 192, seed: 5), new int[150]);
        var (normalized, fresh) = FreshBatchNorm.Insert(graph, weights, images, ComputeDevice.Cpu, TestContext.Current.CancellationToken);

        var outputs = new ReferenceForward(graph, weights).Run(images.Pixels(0, 150), 150)["conv1_out"];
        for (var channel = 0; channel < 8; channel++)
        {
            double[] values = [.. outputs.Where((_, i) => i / 64 % 8 == channel)];
            var mean = values.Average();
            Assert.Equal(mean - weights["conv1.bias"].Floats[channel], fresh["conv1.bn.running_mean"].Floats[channel], 1e-5);
            Assert.Equal(values.Average(value => (value - mean) * (value - mean)), fresh["conv1.bn.running_var"].Floats[channel], 1e-5);
        }

        Assert.Empty(FreshBatchNorm.Without(normalized));
        Assert.Equal(normalized.Nodes, FreshBatchNorm.Insert(normalized, fresh, images, ComputeDevice.Cpu, TestContext.Current.CancellationToken).Graph.Nodes);
    }

    [Fact]
    public void No_images_and_broken_weights_are_refused()
    {
        var (graph, weights, images) = Small();
        Assert.StartsWith(
            "There are no images, and the statistics of the new normalizations come from them.",
            Assert.Throws<ArgumentException>(() => FreshBatchNorm.Insert(graph, weights, images.At([]), ComputeDevice.Cpu, TestContext.Current.CancellationToken)).Message);
        weights["conv1.bias"] = HostArray.Of(Enumerable.Repeat(float.NaN, 8).ToArray(), 8);
        Assert.Contains("Tensor 'conv1_out' of network small is NaN or infinite", Assert.Throws<InvalidDataException>(() => FreshBatchNorm.Insert(graph, weights, images, ComputeDevice.Cpu, TestContext.Current.CancellationToken)).Message);
    }

    // Two convolutions without a normalization, one with a bias; a sum with one; a fully connected layer.
    private static (LayerGraph Graph, Dictionary<string, HostArray> Weights, LabeledImages Images) Small()
    {
        var builder = new GraphBuilder("input");
        var x = builder.Add(new Conv("conv1", "input", "conv1_out", 3, 8, Window.Square(3, 1, 1), HasBias: true));
        x = builder.Add(new Relu("relu1", x, "relu1_out"));
        var left = builder.Add(new Conv("left", x, "left_out", 8, 8, Window.Square(3, 1, 1)));
        x = builder.Add(new Add("add", left, x, "add_out"));
        x = builder.Add(new BatchNorm("own", x, "own_out", 8));
        x = builder.Add(new GlobalAveragePool("pool", x, "pool_out"));
        x = builder.Add(new Flatten("flatten", x, "flatten_out"));
        x = builder.Add(new Gemm("fc", x, "output", 8, 4));
        var graph = new LayerGraph("small", "input", new(3, 8, 8), x, builder.Nodes);
        var images = new LabeledImages(graph.InputShape, 4, TestNetwork.Normal(16 * 192, seed: 2), [.. Enumerable.Range(0, 16).Select(i => i % 4)]);
        var weights = TestNetwork.Weights(graph, seed: 1);
        weights["left.weight"] = HostArray.Of(Array.ConvertAll(weights["left.weight"].Floats.ToArray(), value => value * 5), 8, 8, 3, 3);
        return (graph, weights, images);
    }

    private static float[] Scores(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, LabeledImages images, bool training)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = new GraphNetwork(graph, weights, ComputeDevice.Cpu);
        var shape = images.Shape;
        return network.Forward(tensor(images.Pixels(0, images.Count), [images.Count, shape.Channels, shape.Height, shape.Width]), training).contiguous().data<float>().ToArray();
    }
}
