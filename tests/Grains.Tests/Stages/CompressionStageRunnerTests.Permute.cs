using System.Collections.Immutable;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning.Permutation;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Stages.Runners;
using TorchSharp;

namespace SparseGrid.Grains.Tests.Stages;

/// <summary>The stage that reorders channels before pruning.</summary>
public sealed partial class CompressionStageRunnerTests
{
    [Fact]
    public void Reordered_channels_leave_the_network_as_it_was_and_pruning_keeps_what_the_search_said()
    {
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1 }), new ExportStage(13, "fold", null));
        var reports = new List<string>();
        var request = Request(VariantKind.Sparse, new PermuteStage("exhaustive-8", 10, 1), dense.Remove("onnx").Remove("layers"));
        var output = runner.Run(request, progress => reports.Add($"{progress.Done} of {progress.Total} {progress.Unit}"), TestContext.Current.CancellationToken);
        var permuted = dense.SetItems(output.Artifacts);

        Assert.Equal(["1 of 6 groups", "2 of 6 groups", "3 of 6 groups", "4 of 6 groups", "5 of 6 groups", "6 of 6 groups"], reports);
        Assert.NotEqual(dense["weights"], permuted["weights"]);
        var images = new DataCatalog().For(Data, request.Recipe.Data).Validation;
        Assert.All(Scores(dense, images).Zip(Scores(permuted, images)), pair => Assert.Equal(pair.First, pair.Second, 1e-4));

        var before = Run(VariantKind.Sparse, dense, new PruneStage("m4n2_1d"));
        var after = Run(VariantKind.Sparse, permuted, new PruneStage("m4n2_1d"));
        var numbers = output.Numbers;
        Assert.True(numbers["kept_after"] > numbers["kept_before"]);
        Assert.Equal(numbers["kept_before"], Magnitude(before) / Magnitude(dense, before), 1e-6);
        Assert.Equal(numbers["kept_after"], Magnitude(after) / Magnitude(dense, before), 1e-6);
        Assert.Equal(8, numbers.Keys.Count(name => name.StartsWith("kept_after layer", StringComparison.Ordinal)));
        Assert.StartsWith("5 of 6 groups of channels were reordered: 2:4 pruning keeps ", Assert.Single(output.Notes), StringComparison.Ordinal);

        var file = PermutationFile.Read(stores.Get(permuted["permutation"]), "permutation");
        var restored = file.Inverted().Apply(SafeTensors.Read(stores.Get(permuted["weights"]), "weights"));
        Assert.Equal(stores.Get(dense["weights"]), SafeTensors.Write(restored));
        Assert.Equal(output.Artifacts, runner.Run(request, _ => { }, TestContext.Current.CancellationToken).Artifacts);
    }

    [Fact]
    public void Layers_that_pruning_leaves_dense_do_not_count_in_the_search_for_an_order()
    {
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1 }));
        var request = Request(VariantKind.Sparse, new PermuteStage("exhaustive-8", 10, 1, "layer3.*"), dense);
        var output = runner.Run(request, _ => { }, TestContext.Current.CancellationToken);

        var counted = output.Numbers.Keys.Where(name => name.StartsWith("kept_after layer", StringComparison.Ordinal)).Select(name => name["kept_after ".Length..]).ToArray();
        Assert.Equal(["layer1.0.conv1", "layer1.0.conv2", "layer2.0.conv1", "layer2.0.conv2", "layer2.0.downsample.0"], counted);
    }

    [Fact]
    public void A_permute_stage_of_a_later_version_is_refused_by_name()
    {
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1 }));
        var error = Assert.Throws<StageFailedException>(() => Run(VariantKind.Sparse, dense, new PermuteStage("genetic", 1, 1)));
        Assert.StartsWith("permute.search is 'genetic', which this silo does not know", error.Message, StringComparison.Ordinal);
    }

    private float[] Scores(ImmutableSortedDictionary<string, string> variant, LabeledImages images)
    {
        using var network = new GraphNetwork(
            ResNet.Build("resnet8", images.Shape, 10), SafeTensors.Read(stores.Get(variant["weights"]), "weights"), ComputeDevice.Cpu);
        using var scope = torch.NewDisposeScope();
        using var input = torch.tensor(images.Pixels(0, 32)).reshape(32, images.Shape.Channels, images.Shape.Height, images.Shape.Width);
        return network.Forward(input, training: false).data<float>().ToArray();
    }

    // Of the layers that have masks.
    private double Magnitude(ImmutableSortedDictionary<string, string> variant, ImmutableSortedDictionary<string, string>? masked = null)
    {
        var weights = SafeTensors.Read(stores.Get(variant["weights"]), "weights");
        return SafeTensors.Read(stores.Get((masked ?? variant)["masks"]), "masks").Keys.Sum(name => weights[name].Floats.ToArray().Sum(value => Math.Abs((double)value)));
    }
}
