using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning;
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

namespace SparseGrid.Grains.Tests.Stages;

/// <summary>The real stages on the real digits, one after the other, without a grid around them.</summary>
public sealed partial class CompressionStageRunnerTests
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
    public void A_measurement_on_a_gpu_that_is_not_there_fails_with_what_is_missing()
    {
        Assert.SkipWhen(CudaInt8Runtime.OfThisMachine.Missing is null, "This machine has a GPU.");
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1 }), new ExportStage(13, "fold", null));
        var failed = Assert.Throws<StageFailedException>(() => Run1(VariantKind.Dense, new MeasureStage(new("cuda-int8")), dense.Add("baseline", dense["onnx"])));
        Assert.StartsWith("There is no NVIDIA driver on this machine", failed.Message);
    }

    [Theory]
    [InlineData("m4n2_2d_best", null, "onnxruntime's CPU kernels have no 2:4 form")]
    [InlineData("m4n2_2d_greedy", null, "onnxruntime's CPU kernels have no 2:4 form")]
    [InlineData("m4n1_1d", "layer1.*", "onnxruntime's CPU kernels have no 2:4 form")]
    [InlineData("m8n4_1d", "fc,layer2.0.conv?", "4:8 is not 2:4: no sparse kernel takes it")]
    public void Other_patterns_and_excluded_layers_are_kept_by_the_training_and_told_of_in_every_file(string name, string? exclude, string why)
    {
        var pattern = MaskPattern.Named(name);
        var excluded = LayerPatterns.Parse(exclude?.Split(',') ?? []);
        PruneSettings prune = new(name, exclude);
        TrainSettings adamW = new(1, LearningRate: 0.002, AdamW: new());
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1, Nesterov = true }));
        var sparse = Run(
            VariantKind.Sparse, dense, new PruneStage(name, exclude), new FinetuneStage(adamW, null), new ExportStage(13, "fold", null, prune));
        var ptq = Run(VariantKind.Ptq, sparse, new CollectStage(64, 256, "ort"), new CalibrateStage("max", 0, "ort"), new ExportStage(13, "fold", Ort, prune));

        var weights = SafeTensors.Read(stores.Get(sparse["weights"]), "weights");
        foreach (var variant in (ImmutableSortedDictionary<string, string>[])[sparse, ptq])
        {
            var layers = JsonSerializer.Deserialize<LayerSparsity[]>(stores.Get(variant["layers"]))!;
            Assert.Contains(layers, layer => layer.Pruned);
            foreach (var layer in layers)
            {
                Assert.Equal(layer.Layer is not ("conv1" or "fc") && !excluded.Matches(layer.Layer), layer.Pruned);
                if (layer.Pruned)
                {
                    var weight = weights[$"{layer.Layer}.weight"];
                    Assert.True(GroupSparsity.Holds(weight.Floats, weight.Shape.AsSpan(), pattern.Kept, pattern.GroupSize), layer.Layer);
                    Assert.Equal((pattern.IsTwoFour, why), (layer.MaskValid, layer.Why));
                }
                else if (excluded.Naming(layer.Layer) is { } rule)
                {
                    Assert.Equal($"excluded by '{rule}'", layer.Why);
                }
            }
        }
    }

    [Fact]
    public void A_layer_to_exclude_that_the_network_has_not_is_refused_with_the_nearest_name()
    {
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1 }));
        var error = Assert.Throws<StageFailedException>(() => Run(VariantKind.Sparse, dense, new PruneStage("m4n2_1d", "layer1.0.con1")));
        Assert.Equal("No layer is named 'layer1.0.con1'; did you mean 'layer1.0.conv1'?", error.Message);
    }

    [Fact]
    public void Where_every_layer_is_left_out_nothing_can_be_pruned()
    {
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1 }));
        var error = Assert.Throws<StageFailedException>(() => Run(VariantKind.Sparse, dense, new PruneStage("m4n2_1d", "*")));
        Assert.Contains("excluded by '*'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_are_not_finite_are_refused_by_layer_and_zeros_are_pruned_by_the_order_of_ties()
    {
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1 }));
        var weights = SafeTensors.Read(stores.Get(dense["weights"]), "weights");
        ImmutableSortedDictionary<string, string> With(float value) => dense.SetItem(
            "weights", stores.Put(SafeTensors.Write(weights.SetItem("layer1.0.conv2.weight", HostArray.Of(Enumerable.Repeat(value, 16 * 16 * 9).ToArray(), 16, 16, 3, 3)))));

        var error = Assert.Throws<StageFailedException>(() => Run(VariantKind.Sparse, With(float.NaN), new PruneStage("m4n2_1d")));
        Assert.StartsWith("layer1.0.conv2 cannot be pruned. The weight [16, 16, 3, 3] is NaN at output channel 0, input channel 0, position 0", error.Message, StringComparison.Ordinal);
        var output = Run1(VariantKind.Sparse, new PruneStage("m4n2_1d"), With(0));
        Assert.Contains("layer1.0.conv2 (16x16x3x3) is all zero: its mask follows the pattern's order of ties.", output.Notes);
    }

    [Fact]
    public void Ranges_are_found_as_the_recipe_says_for_weights_searches_and_zeros()
    {
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1 }));
        var counted = dense.SetItems(Run1(VariantKind.Ptq, new CollectStage(256, 2048, "ort"), dense).Artifacts);
        var skipped = dense.SetItems(Run1(VariantKind.Ptq, new CollectStage(256, 2048, "ort", SkipZeros: true), dense).Artifacts);
        IReadOnlyDictionary<string, HostArray> Ranges(ImmutableSortedDictionary<string, string> from, CalibrateStage stage) =>
            SafeTensors.Read(stores.Get(Run1(VariantKind.Ptq, stage, from).Artifacts["ranges"]), "ranges");
        float[] Weight(WeightRangeSettings? weights) => Ranges(counted, new("max", 0, "ort", Weights: weights))["weight/conv1"].Floats.ToArray();
        float[] Activations(ImmutableSortedDictionary<string, string> from, RangeSearchSettings? search, string method = "mse") =>
            [.. Ranges(from, new(method, 90, "ort", Search: search)).Where(range => !range.Key.StartsWith("weight/", StringComparison.Ordinal)).SelectMany(range => range.Value.Floats.ToArray())];

        var channels = Weight(null);
        Assert.All(Weight(new(Granularity: "tensor")), amax => Assert.Equal(channels.Max(), amax));
        foreach (var narrower in (float[][])[Weight(new("mse")), Weight(new("percentile", 60))])
        {
            Assert.Equal(channels.Length, narrower.Length);
            Assert.All(narrower.Zip(channels), pair => Assert.InRange(pair.First, 0, pair.Second));
            Assert.NotEqual(channels, narrower);
        }

        Assert.NotEqual(Activations(counted, null), Activations(counted, new(StartBin: 2047)));
        Assert.NotEqual(Activations(counted, null), Activations(counted, new(Stride: 500)));
        Assert.NotEqual(Activations(counted, null, "percentile"), Activations(skipped, null, "percentile"));

        // Such ranges clip weights: the file does as the framework.
        var clipped = Run1(VariantKind.Ptq, new CalibrateStage("max", 0, "ort", Weights: new("percentile", 60, "tensor")), counted);
        Evaluate(Run(VariantKind.Ptq, counted.SetItems(clipped.Artifacts), new ExportStage(13, "fold", Ort)), Ort);
    }

    [Theory]
    [InlineData("ort")]
    [InlineData("tensorrt")]
    [InlineData("cuda-int8")]
    public void Layers_that_a_recipe_keeps_in_float_are_float_in_ranges_training_and_file_and_the_table_says_why(string dialect)
    {
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short));
        var layers = new QuantizedLayerSettings(Exclude: "layer2.*", Residual: false, FloatEnds: "last");
        QuantizeSettings quantize = new(dialect, Layers: layers);
        var collected = Run1(VariantKind.Qat, new CollectStage(256, 2048, dialect, true), dense);
        var calibrated = Run1(VariantKind.Qat, new CalibrateStage("max", 0, dialect, layers), dense.SetItems(collected.Artifacts));
        var qat = Run(
            VariantKind.Qat, dense.SetItems(collected.Artifacts).SetItems(calibrated.Artifacts),
            new FinetuneStage(Short with { Epochs = 1, LearningRate = 0.005 }, quantize), new ExportStage(13, "fold", quantize));
        Assert.True(Evaluate(qat, quantize) > 0.9);

        Assert.Equal(
            [
                "Not quantized, residual adds stay in float: layer1.0.add, layer3.0.add.",
                "Not quantized, excluded by 'layer2.*': layer2.0.conv1, layer2.0.conv2, layer2.0.downsample.0, layer2.0.add.",
                "Not quantized, the last layer stays in float: fc.",
            ],
            calibrated.Notes);
        var ranges = SafeTensors.Read(stores.Get(qat["ranges"]), "ranges");
        Assert.DoesNotContain(ranges.Keys, name => name.StartsWith("weight/layer2", StringComparison.Ordinal) || name is "weight/fc");
        var table = JsonSerializer.Deserialize<LayerSparsity[]>(stores.Get(qat["layers"]))!;
        Assert.Equal(("excluded by 'layer2.*'", false), (table.Single(layer => layer.Layer == "layer2.0.conv1").WhyQuantized, table.Single(layer => layer.Layer == "layer2.0.conv1").Quantized));
        Assert.Equal(("every layer is", true), (table.Single(layer => layer.Layer == "conv1").WhyQuantized, table.Single(layer => layer.Layer == "conv1").Quantized));
    }

    [Fact]
    public void A_layer_that_the_network_has_not_is_refused_with_the_nearest_name()
    {
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1 }), new CollectStage(256, 2048, "ort", true));
        var error = Assert.Throws<StageFailedException>(() => Run1(VariantKind.Ptq, new CalibrateStage("max", 0, "ort", new(Exclude: "layer1.0.convl")), dense));
        Assert.Equal("No layer is named 'layer1.0.convl'; did you mean 'layer1.0.conv1'?", error.Message);
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
    [InlineData("nesterov", 3)]
    [InlineData("adamw", 7)]
    [InlineData("collect", 2)]
    public void A_stage_that_is_stopped_goes_on_from_its_checkpoint_and_makes_the_same_artifacts(string kind, int after)
    {
        var dense = Run(VariantKind.Dense, null, new TrainStage(Short with { Epochs = 1 }), new PruneStage("m4n2_1d"));
        Stage stage = kind switch
        {
            "train" => new TrainStage(Short with { Epochs = 1 }),
            "finetune" => new FinetuneStage(Short with { Epochs = 1 }, null),
            "nesterov" => new FinetuneStage(Short with { Epochs = 1, Nesterov = true }, null),
            "adamw" => new FinetuneStage(Short with { Epochs = 1, LearningRate = 0.002, AdamW = new() }, null),
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
        Assert.Equal($"Information: Stage {stage.Kind} key goes on from step {(kind == "collect" ? 64 * after : after)}", Assert.Single(log.Lines));
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
        var request = Request(VariantKind.Dense, new EvaluateStage("test", MeasureSettings.EvaluatorOf(quantize), quantize), variant);
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
