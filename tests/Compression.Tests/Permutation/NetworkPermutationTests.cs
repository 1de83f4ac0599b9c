using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Pruning.Permutation;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Onnx;

namespace SparseGrid.Compression.Tests.Permutation;

public sealed class NetworkPermutationTests
{
    private static readonly PermutationOptions Few = new(Escapes: 2, Tries: 300);

    private static int Rounds => Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 200 : 25;

    [Fact]
    public void Whatever_the_network_its_outputs_stay_its_layers_keep_no_less_and_the_inverse_restores_every_bit()
    {
        var reordered = 0;
        for (var seed = 0; seed < Rounds; seed++)
        {
            var graph = RandomGraph.Of(seed);
            Assert.Empty(graph.Problems());
            var weights = TestNetwork.Weights(graph, seed);
            var options = Few with { Strategy = seed % 3 == 2 ? PermutationStrategy.ChannelSwap : PermutationStrategy.StripePairs, Threads = 1 + seed % 2 };
            var layers = seed % 2 == 0 ? null : graph.WeightedNodes.Select(node => node.Name).ToHashSet();
            var found = Find(graph, weights, options, layers);
            var permuted = found.Apply(weights);

            var images = TestNetwork.Normal(2 * graph.InputShape.Count, seed);
            Assert.All(Scores(graph, weights, images).Zip(Scores(graph, permuted, images)), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
            Assert.True(found.Groups.All(group => group.KeptAfter >= group.KeptBefore));
            Assert.True(found.Groups.All(group => group.Permutation is null == group.Reason.Length > 0));
            Assert.All(found.Layers, layer => Assert.Equal(layer.KeptAfter, Kept(permuted[$"{layer.Layer}.weight"]), 1e-5 * Math.Max(1, layer.Total)));
            Same(weights, found.Inverted().Apply(permuted));
            reordered += found.Groups.Count(group => group.Permutation is not null);
        }

        Assert.True(reordered > Rounds, $"{reordered} groups of {Rounds} networks were reordered");
    }

    [Fact]
    public void The_seed_decides_and_the_number_of_threads_does_not()
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10, 32);
        var weights = TestNetwork.Weights(graph, 3);
        var file = PermutationFile.Write(NetworkPermutationSearch.Find(graph, weights, Few, 1, stop: TestContext.Current.CancellationToken));
        Assert.Equal(file, PermutationFile.Write(NetworkPermutationSearch.Find(graph, weights, Few with { Threads = 2 }, 1, stop: TestContext.Current.CancellationToken)));
        Assert.NotEqual(file, PermutationFile.Write(NetworkPermutationSearch.Find(graph, weights, Few, 2, stop: TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void A_search_on_weights_that_are_pruned_already_changes_nothing()
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10, 32);
        var weights = TestNetwork.Weights(graph, 3, twoFour: true);
        var found = Find(graph, weights, Few);
        Assert.Equal(["2:4 pruning takes next to nothing away: the weights are 2:4 already"], found.Groups.Where(group => !group.Searched.IsEmpty).Select(group => group.Reason).Distinct());
        Same(weights, found.Apply(weights));
    }

    [Fact]
    public void Only_layers_that_are_pruned_are_searched_and_dense_ones_follow()
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10, 16);
        var weights = TestNetwork.Weights(graph, 4);
        var found = Find(graph, weights, Few, new HashSet<string> { "layer2.0.conv1", "layer3.0.conv2" });
        Assert.Equal(["conv1", "layer3.0.conv1"], found.Groups.Where(group => group.Permutation is not null).Select(group => group.Group.Name));
        Assert.Equal(["layer2.0.conv1"], found["conv1"].Searched);
        Assert.NotEqual(weights["layer1.0.conv1.weight"].Bytes.ToArray(), found.Apply(weights)["layer1.0.conv1.weight"].Bytes.ToArray());
        Assert.Equal("no layer that reads these channels is pruned", found["layer1.0.conv1"].Reason);
        Assert.Equal(["layer2.0.conv1", "layer3.0.conv2"], found.Layers.Select(layer => layer.Layer));
    }

    [Fact]
    public void Channels_that_no_permutation_helps_are_left_with_the_reason()
    {
        Assert.Equal("C is 6, not a multiple of 4", Alone(6, weights => weights).Reason);
        Assert.Equal("C is 4: one group of four has nothing to exchange with", Alone(4, weights => weights).Reason);
        Assert.Equal("all weights that read these channels are 0", Alone(16, weights => new float[weights.Length]).Reason);
        Assert.Equal("no order was found that keeps more", Alone(16, weights => [.. weights.Select(_ => 1f)]).Reason);
    }

    [Fact]
    public void Unknown_names_and_weights_that_are_missing_or_not_finite_are_refused_by_name_and_place()
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10, 16);
        var weights = TestNetwork.Weights(graph, 4);
        string Message(Action act) => Assert.Throws<ArgumentException>(act).Message;

        Assert.StartsWith("'layer9' is no layer of resnet8 that can be pruned; those are conv1, layer1.0.conv1", Message(() => Find(graph, weights, Few, new HashSet<string> { "layer9" })), StringComparison.Ordinal);
        Assert.StartsWith("No group of channels is named 'fc'; there are conv1,", Message(() => _ = Find(graph, weights, Few)["fc"]), StringComparison.Ordinal);

        var poisoned = weights["layer2.0.conv2.weight"].Floats.ToArray();
        poisoned[9 * (32 * 3 + 7) + 5] = float.NaN;
        var diverged = new Dictionary<string, HostArray>(weights) { ["layer2.0.conv2.weight"] = HostArray.Of(poisoned, 32, 32, 3, 3) };
        Assert.StartsWith(
            "'layer2.0.conv2.weight' [32, 32, 3, 3] is NaN at output channel 3, input channel 7, position 5", Message(() => Find(graph, diverged, Few)), StringComparison.Ordinal);

        var short1 = new Dictionary<string, HostArray>(weights);
        short1.Remove("layer2.0.conv2.weight");
        Assert.StartsWith("The weights have no 'layer2.0.conv2.weight'", Message(() => Find(graph, short1, Few)), StringComparison.Ordinal);
        short1["layer2.0.conv2.weight"] = HostArray.Of(new float[16], 16, 1);
        Assert.StartsWith("'layer2.0.conv2.weight' is F32 [16, 1], but", Message(() => Find(graph, short1, Few)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_of_permutations_is_read_as_it_was_written_and_a_damaged_one_is_refused()
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10, 16);
        var weights = TestNetwork.Weights(graph, 4);
        var found = Find(graph, weights, Few);
        var file = PermutationFile.Write(found);
        var read = PermutationFile.Read(file, "test");

        Assert.Equal(file, PermutationFile.Write(read));
        Same(found.Apply(weights).ToDictionary(), read.Apply(weights));
        var text = global::System.Text.Encoding.UTF8.GetString(file);
        foreach (var damaged in (string[])["", "{}", "null", text[..^20], text.Replace("\"permutation\":[", "\"permutation\":[0,0,"), text.Replace("\"axis\":1", "\"axis\":\"C\"")])
        {
            var error = Assert.Throws<InvalidDataException>(() => PermutationFile.Read(global::System.Text.Encoding.UTF8.GetBytes(damaged), "test"));
            Assert.StartsWith("test is not a file of permutations", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Progress_counts_the_groups_and_a_stop_ends_the_search()
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10, 16);
        var weights = TestNetwork.Weights(graph, 4);
        using var stop = new CancellationTokenSource();
        var told = new List<(int, int)>();
        void Progress(int done, int all)
        {
            told.Add((done, all));
            if (done == 3)
                stop.Cancel();
        }

        Assert.ThrowsAny<OperationCanceledException>(() => NetworkPermutationSearch.Find(graph, weights, Few, 1, progress: Progress, stop: stop.Token));
        Assert.Equal([(1, 6), (2, 6), (3, 6)], told);
    }

    // One convolution of C channels that reads another's output.
    private static GroupPermutation Alone(int channels, Func<float[], float[]> change)
    {
        var builder = new GraphBuilder("input");
        builder.Add(new Conv("a", "input", "a_out", 3, channels, Window.Square(1)));
        var graph = new LayerGraph("n", "input", new(3, 2, 2), builder.Add(new Conv("z", "a_out", "z_out", channels, 8, Window.Square(1))), builder.Nodes);
        var weights = TestNetwork.Weights(graph, 1);
        weights["z.weight"] = HostArray.Of(change(weights["z.weight"].Floats.ToArray()), 8, channels, 1, 1);
        return Assert.Single(Find(graph, weights, Few, new HashSet<string> { "z" }).Groups);
    }

    private static NetworkPermutation Find(LayerGraph graph, Dictionary<string, HostArray> weights, PermutationOptions options, IReadOnlySet<string>? layers = null) =>
        NetworkPermutationSearch.Find(graph, weights, options, 1, layers, stop: TestContext.Current.CancellationToken);

    private static double[] Scores(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, float[] images) =>
        new ReferenceForward(graph, weights).Run(images, 2)[graph.OutputName];

    private static double Kept(HostArray weight)
    {
        var mask = TwoFourMask.Of(weight);
        return weight.Floats.ToArray().Select((value, at) => Math.Abs((double)value) * mask.UnsignedBytes[at]).Sum();
    }

    private static void Same(Dictionary<string, HostArray> expected, ImmutableSortedDictionary<string, HostArray> actual)
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected, array => Assert.True(array.Value.Bytes.Span.SequenceEqual(actual[array.Key].Bytes.Span), array.Key));
    }
}
