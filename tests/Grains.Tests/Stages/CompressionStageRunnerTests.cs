using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning.Permutation;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Stages.Runners;
using SparseGrid.Grains.Tests.Doubles;
using TorchSharp;

namespace SparseGrid.Grains.Tests.Stages;

/// <summary>The real stages on the real digits, one after the other, without a grid around them.</summary>
public sealed class CompressionStageRunnerTests
{
    private static readonly DataSettings Data = new("digits-csv", Path.Combine(AppContext.BaseDirectory, "digits.csv.gz"));
    private static readonly QuantizeSettings Ort = new("ort", "onnx");
    private static readonly TrainSettings Short = new(Epochs: 3, WarmupEpochs: 0.5, ShiftPixels: 1);
    private readonly MemoryStores stores = new();
    private readonly CompressionStageRunner runner;

    public CompressionStageRunnerTests() => runner = Runner(stores);

    [Fact]
    public void Dense_to_sparse_to_int8_keeps_the_2_to_4_pattern_and_the_accuracy_of_the_file_is_that_of_the_framework()
    {
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short), new ExportStage(13, "fold", null));
        var denseTop1 = Evaluate(dense, null);
        Assert.True(denseTop1 > 0.9, $"dense top-1 is {denseTop1}");

        var sparse = Run(
            VariantKind.Sparse, dense, new PruneStage("m4n2_1d"), new FinetuneStage(Short with { LearningRate = 0.02 }, null),
            new ExportStage(13, "fold", null));
        Evaluate(sparse, null);
        var ptq = Run(VariantKind.Ptq, sparse, new CollectStage(256, 2048, "ort"), new CalibrateStage("entropy", 0, "ort"), new ExportStage(13, "fold", Ort));
        Evaluate(ptq, Ort);
        var qat = Run(
            VariantKind.Qat, sparse, new CollectStage(256, 2048, "ort"), new CalibrateStage("max", 0, "ort"),
            new FinetuneStage(Short with { Epochs = 1, LearningRate = 0.005 }, Ort), new ExportStage(13, "fold", Ort));
        Evaluate(qat, Ort);

        foreach (var variant in (ImmutableSortedDictionary<string, string>[])[sparse, ptq, qat])
        {
            var layers = JsonSerializer.Deserialize<LayerSparsity[]>(stores.Get(variant["layers"]))!;
            Assert.Equal(8, layers.Count(layer => layer.Pruned));
            Assert.All(layers.Where(layer => layer.Pruned), layer => Assert.True(layer.MaskValid && layer.Zeros * 2 >= layer.Weights, layer.Layer));
            Assert.Equal(["C is 1, not a multiple of 16", "K is 10, not a multiple of 8"], layers.Where(layer => !layer.Pruned).Select(layer => layer.Why));
        }

        var masks = SafeTensors.Read(stores.Get(sparse["masks"]), "masks");
        Assert.All(masks.Values, mask => Assert.Equal(mask.Count, 2 * mask.UnsignedBytes.ToArray().Sum(value => (long)value)));
    }

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

    [Fact]
    public void The_same_stage_makes_the_same_artifacts_every_time()
    {
        Assert.Equal(
            Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1 }), new ExportStage(13, "fold", null)),
            Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1 }), new ExportStage(13, "fold", null)));
    }

    [Fact]
    public void A_checkpoint_that_another_version_wrote_is_passed_over_and_the_stage_starts_over()
    {
        Stage train = new TrainStage(Short with { Epochs = 1 });
        var undisturbed = Run(VariantKind.Dense, null, train);
        var foreign = new TrainingCheckpoint(
            1, 0, double.NaN, SafeTensors.Read(stores.Get(undisturbed["weights"]), "weights").Remove("fc.bias"),
            ImmutableSortedDictionary<string, HostArray>.Empty);
        foreach (var checkpoint in (byte[][])["no tensors"u8.ToArray(), foreign.ToBytes()])
        {
            stores.Save("key", 1, checkpoint);
            Assert.Equal(undisturbed, Run(VariantKind.Dense, null, train));
        }
    }

    [Fact]
    public void Data_that_changed_since_the_plan_are_refused()
    {
        var request = Request(VariantKind.Dense, new TrainStage(Short), ImmutableSortedDictionary<string, string>.Empty);
        request = request with { Recipe = request.Recipe with { Data = request.Recipe.Data with { Digest = new string('0', 64) } } };
        var error = Assert.Throws<StageFailedException>(() => runner.Run(request, _ => { }, TestContext.Current.CancellationToken));
        Assert.Contains("the data have changed", error.Message);
    }

    [Fact]
    public void A_stage_whose_checkpoints_cannot_be_written_ends_as_if_they_were_and_tries_each_time()
    {
        Stage train = new TrainStage(Short with { Epochs = 1 });
        Stage collect = new CollectStage(256, 2048, "ort");
        var undisturbed = Run(VariantKind.Dense, null, train, collect);

        var full = new FullDisk();
        var log = new RecordedLog<CompressionStageRunner>();
        var (trained, steps) = Count(Runner(full, log), train, ImmutableSortedDictionary<string, string>.Empty);
        Assert.Equal(undisturbed["weights"], trained["weights"]);
        Assert.Equal(steps - 1, full.Refused);
        var (collected, batches) = Count(Runner(full, log), collect, trained);
        Assert.Equal(undisturbed["histograms"], collected["histograms"]);
        Assert.Equal(steps - 1 + batches - 1, full.Refused);
        Assert.Equal(full.Refused, log.Lines.Length);
        Assert.All(log.Lines, line => Assert.Matches("^Warning: Stage (train|collect) key: the checkpoint of step [0-9]+ .* was not written .*/grid/checkpoints/key.* Free space", line));
    }

    [Theory]
    [InlineData("train", 5)]
    [InlineData("finetune", 11)]
    [InlineData("collect", 2)]
    public void A_stage_that_is_stopped_goes_on_from_its_checkpoint_and_makes_the_same_artifacts(string kind, int after)
    {
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1 }), new PruneStage("m4n2_1d"));
        Stage stage = kind switch
        {
            "train" => new TrainStage(Short with { Epochs = 1 }),
            "finetune" => new FinetuneStage(Short with { Epochs = 1 }, null),
            _ => new CollectStage(256, 2048, "ort"),
        };
        var undisturbed = Run1(VariantKind.Dense, stage, dense);

        using var stop = new CancellationTokenSource();
        var reports = 0;
        var request = Request(VariantKind.Dense, stage, dense);
        Assert.Throws<OperationCanceledException>(() => runner.Run(
            request,
            _ =>
            {
                if (++reports == after)
                    stop.Cancel();
            },
            stop.Token));
        Assert.NotNull(stores.Latest("key"));

        var log = new RecordedLog<CompressionStageRunner>();
        var resumed = 0;
        var output = Runner(stores, log).Run(request, _ => resumed++, TestContext.Current.CancellationToken);
        Assert.Equal(undisturbed.Artifacts, output.Artifacts);
        Assert.Equal($"Information: Stage {kind} key goes on from step {(kind == "collect" ? 64 * after : after)}", Assert.Single(log.Lines));
        Assert.InRange(resumed, 1, kind == "collect" ? 4 - after : 19 - after);
    }

    private CompressionStageRunner Runner(ICheckpointStore checkpoints, ILogger<CompressionStageRunner>? log = null) => new(
        stores, checkpoints, new DataCatalog(), Options.Create(new CheckpointOptions { Steps = 1, CostShare = 1 }), TimeProvider.System,
        log ?? NullLogger<CompressionStageRunner>.Instance);

    private static (ImmutableSortedDictionary<string, string> Artifacts, int Reports) Count(
        CompressionStageRunner runner, Stage stage, ImmutableSortedDictionary<string, string> inputs)
    {
        var reports = 0;
        var output = runner.Run(Request(VariantKind.Dense, stage, inputs), _ => reports++, TestContext.Current.CancellationToken);
        return (output.Artifacts, reports);
    }

    private double Evaluate(ImmutableSortedDictionary<string, string> variant, QuantizeSettings? quantize)
    {
        var request = Request(VariantKind.Dense, new EvaluateStage("test", "onnxruntime", quantize), variant);
        request = request with { Recipe = request.Recipe with { Stages = [new ExportStage(13, "fold", quantize)] } };
        var output = runner.Run(request, _ => { }, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"top-1 {output.Numbers["top1"]:P2}, framework {output.Numbers["framework_top1"]:P2}"
            + $", mismatches {output.Numbers["mismatches"]} of {output.Numbers["images"]}");
        Assert.Equal(output.Numbers["framework_top1"], output.Numbers["top1"], 0.001);
        return output.Numbers["top1"];
    }

    private ImmutableSortedDictionary<string, string> Run(VariantKind kind, ImmutableSortedDictionary<string, string>? inputs, params Stage[] stages)
    {
        var artifacts = inputs ?? ImmutableSortedDictionary<string, string>.Empty;
        foreach (var stage in stages)
            artifacts = artifacts.SetItems(Run1(kind, stage, artifacts).Artifacts);
        return artifacts;
    }

    // As the grid does it: what a stage checkpointed goes when it is done.
    private StageOutput Run1(VariantKind kind, Stage stage, ImmutableSortedDictionary<string, string> inputs)
    {
        var output = runner.Run(Request(kind, stage, inputs), _ => { }, TestContext.Current.CancellationToken);
        stores.Delete("key");
        return output;
    }

    private static StageRequest Request(VariantKind kind, Stage stage, ImmutableSortedDictionary<string, string> inputs) =>
        new("key", stage, new(kind, null, new("resnet8"), new DataCatalog().IdentityOf(Data), new(1, "test", "cpu", "fp32", "eager", 1), [stage], 7), Data, inputs);
}
