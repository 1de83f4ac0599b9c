using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Planning;
using SparseGrid.Grains.Tests.Identity;

namespace SparseGrid.Grains.Tests.Planning;

public sealed class PlannerTests
{
    private static readonly ExportSettings Export = new();

    private static readonly QuantizeSettings Ort = new();

    private static readonly SweepSpec Small = new(
        "small", 7, Samples.Model, new("digits-csv", "/data/digits.csv"), new(),
        new(
            new([new(30)], [Export]),
            new(["m4n2_1d"], [new(10, LearningRate: 0.02)], [Export]),
            new([VariantKind.Dense, VariantKind.Sparse], [new("max", Percentile: 0), new("percentile")], [Ort], [Export]),
            new([VariantKind.Dense, VariantKind.Sparse], [new("max", Percentile: 0)], [new(5, LearningRate: 0.005)], [Ort], [Export])),
        new(), [], 1, new());

    [Fact]
    public void The_tree_is_planned_depth_first_parents_before_children()
    {
        var plan = Plan(Small);

        Assert.Equal(
            [
                (0, "dense", -1), (1, "dense/sparse", 0), (2, "dense/sparse/ptq max", 1), (3, "dense/sparse/ptq percentile", 1), (4, "dense/sparse/qat", 1),
                (5, "dense/ptq max", 0), (6, "dense/ptq percentile", 0), (7, "dense/qat", 0),
            ],
            plan.Select(trial => (trial.Index, trial.Path, trial.Parent)));
        Assert.All(plan, trial => Assert.Equal(0, trial.Dense));
        Assert.All(plan, trial => Assert.Equal(trial.Parent < 0 ? null : plan[trial.Parent].Variant, trial.Recipe.Parent));
        Assert.Equal(plan.Length, Small.Variants.Count);
        Assert.Equal(plan.Length, plan.Select(trial => trial.Variant).Distinct().Count());
    }

    [Theory]
    [InlineData(false, "load export", 0)]
    [InlineData(true, "load train export", 30)]
    public void A_network_that_was_given_is_loaded_and_trained_on_where_the_spec_says_so(bool trains, string stages, int epochs)
    {
        var spec = Small with { Source = new(File: "/a/net.onnx"), Variants = Small.Variants with { Dense = Small.Variants.Dense with { Train = trains ? [new(30)] : [] } } };
        var model = Samples.Given.Model;
        var plan = Planner.Plan(spec, Samples.Data, Samples.Numerics, model);

        Assert.Equal(("dense", stages, epochs), (plan[0].Path, string.Join(' ', plan[0].Recipe.Stages.Select(stage => stage.Kind)), Planner.TrainingEpochs(plan[0].Recipe)));
        Assert.All(plan, trial => Assert.Equal(model, trial.Recipe.Model));
        Assert.Equal(plan.Length, spec.Variants.Count);
        Assert.Equal(plan.Length, plan.Select(trial => trial.Variant).Distinct().Count());
    }

    [Fact]
    public void Files_for_the_engine_are_evaluated_by_it_and_files_of_floats_by_onnx_runtime()
    {
        var quantize = Ort with { Dialect = "cuda-int8" };
        var spec = Small with
        {
            Measure = new("cuda-int8", Runs: 0),
            Variants = Small.Variants with { Ptq = Small.Variants.Ptq! with { Quantize = [quantize] }, Qat = Small.Variants.Qat! with { Quantize = [quantize] } },
        };
        var plan = Plan(spec);
        Assert.All(plan, trial => Assert.All(
            trial.AfterStages.OfType<EvaluateStage>(),
            stage => Assert.Equal(trial.Recipe.Kind is VariantKind.Ptq or VariantKind.Qat ? "cuda-int8" : "onnxruntime", stage.Runtime)));
        // No runs measure nothing; with runs every variant is measured by the runtime of the sweep.
        Assert.DoesNotContain(plan, trial => trial.AfterStages.Any(stage => stage is MeasureStage));
        Assert.All(Plan(spec with { Measure = new("cuda-int8") }), trial => Assert.Equal("cuda-int8", trial.AfterStages.OfType<MeasureStage>().Single().Settings.Runtime));
        // Networks of floats are the same variants as in a sweep for ONNX Runtime.
        Assert.Equal(Plan(Small)[..2].Select(trial => trial.Variant), plan[..2].Select(trial => trial.Variant));
    }

    [Fact]
    public void Every_kind_has_its_stages()
    {
        var plan = Plan(Small);

        Assert.Equal([new TrainStage(new(30)), new ExportStage(13, "fold", null)], plan[0].Recipe.Stages);
        Assert.Equal<Stage>([new PruneStage("m4n2_1d"), new FinetuneStage(new(10, LearningRate: 0.02), null), new ExportStage(13, "fold", null)], plan[1].Recipe.Stages);
        Assert.Equal<Stage>([new CollectStage(512, 2048, "ort"), new CalibrateStage("percentile", 99.99, "ort"), new ExportStage(13, "fold", Ort)], plan[3].Recipe.Stages);
        Assert.Equal<Stage>(
            [
                new CollectStage(512, 2048, "ort"), new CalibrateStage("max", 0, "ort"), new FinetuneStage(new(5, LearningRate: 0.005), Ort),
                new ExportStage(13, "fold", Ort),
            ],
            plan[4].Recipe.Stages);
        Assert.Equal([VariantKind.Dense, VariantKind.Sparse, VariantKind.Ptq, VariantKind.Ptq, VariantKind.Qat], plan.Take(5).Select(trial => trial.Recipe.Kind));
        Assert.Equal([30, 10, 0, 0, 5, 0, 0, 5], plan.Select(trial => Planner.TrainingEpochs(trial.Recipe)));
    }

    [Fact]
    public void A_search_for_another_order_of_channels_is_a_stage_before_pruning_and_none_changes_no_identity()
    {
        var dense = Small.Variants.Dense;
        ImmutableArray<PermuteSettings> searches = [new(), new("exhaustive-8"), new("channel-swap", Escapes: 5)];
        var plan = Plan(Small with { Variants = new(dense, Small.Variants.Sparse! with { Permute = searches }, null, null) });

        Assert.Equal(
            ["dense", "dense/sparse permute=none", "dense/sparse permute=exhaustive-8 escapes=100", "dense/sparse permute=channel-swap escapes=5"],
            plan.Select(trial => trial.Path));
        Assert.Equal<Stage>([new PermuteStage("exhaustive-8", 100, 100_000), new PruneStage("m4n2_1d")], plan[2].Recipe.Stages.Take(2));
        Assert.Equal(Plan(Small)[1].Variant, plan[1].Variant);
        var excluding = Plan(Small with { Variants = new(dense, Small.Variants.Sparse! with { Permute = [new("exhaustive-8")], Prunings = [new(Exclude: "fc")] }, null, null) });
        Assert.Equal(new PermuteStage("exhaustive-8", 100, 100_000, "fc"), excluding[1].Recipe.Stages[0]);
        Assert.Equal(4, new VariantSpace(dense, Small.Variants.Sparse! with { Permute = searches }, null, null).Count);
    }

    [Fact]
    public void The_deployed_file_is_evaluated_on_both_splits_compared_with_its_dense_ancestor_and_measured()
    {
        var plan = Plan(Small);

        Assert.Equal<Stage>([new EvaluateStage("validation", "onnxruntime", null), new EvaluateStage("test", "onnxruntime", null), new MeasureStage(new())], plan[0].AfterStages);
        Assert.Equal<Stage>(
            [new EvaluateStage("validation", "onnxruntime", null), new EvaluateStage("test", "onnxruntime", null), new CompareStage(), new MeasureStage(new())],
            plan[1].AfterStages);
        Assert.Equal<Stage>(
            [new EvaluateStage("validation", "onnxruntime", Ort), new EvaluateStage("test", "onnxruntime", Ort), new CompareStage(), new MeasureStage(new())],
            plan[2].AfterStages);
    }

    [Fact]
    public void A_path_names_the_settings_that_vary_and_no_others()
    {
        var variants = Small.Variants with
        {
            Dense = new([new(30), new(30, LearningRate: 0.05)], [Export]),
            Ptq = new([VariantKind.Sparse], [new("max", Percentile: 0), new("percentile", Percentile: 99.9), new("percentile")], [Ort], [Export, new(17)]),
            Qat = null,
        };

        Assert.Equal(
            [
                "dense lr=0.1", "dense lr=0.1/sparse", "dense lr=0.1/sparse/ptq max opset=13", "dense lr=0.1/sparse/ptq max opset=17",
                "dense lr=0.1/sparse/ptq percentile 99.9 opset=13", "dense lr=0.1/sparse/ptq percentile 99.9 opset=17",
                "dense lr=0.1/sparse/ptq percentile 99.99 opset=13", "dense lr=0.1/sparse/ptq percentile 99.99 opset=17", "dense lr=0.05",
            ],
            Plan(Small with { Variants = variants }).Take(9).Select(trial => trial.Path));
    }

    [Fact]
    public void Paths_tell_all_trials_apart_whatever_varies()
    {
        TrainSettings train = new(3);
        TrainSettings[] all =
        [
            train, train with { Epochs = 4 }, train with { BatchSize = 8 }, train with { LearningRate = 0.2 }, train with { Momentum = 0.5 },
            train with { WeightDecay = 0 }, train with { Schedule = "step" }, train with { Schedule = "step", StepEpochs = 2 }, train with { Schedule = "step", StepFactor = 0.5 },
            train with { WarmupEpochs = 1 }, train with { LabelSmoothing = 0.1 }, train with { ShiftPixels = 1 }, train with { Flip = true },
            train with { Nesterov = true }, train with { AdamW = new() }, train with { AdamW = new(Beta1: 0.8) }, train with { AdamW = new(Beta2: 0.9) },
            train with { AdamW = new(Epsilon: 1e-6) },
        ];
        CalibrateSettings[] calibrate = [new("max", Percentile: 0), new("max", 100, Percentile: 0), new("max", Bins: 512, Percentile: 0), new("percentile"), new("percentile", Percentile: 99)];
        calibrate =
        [
            .. calibrate, calibrate[0] with { SkipZeros = true }, new("mse", Percentile: 0), new("mse", Percentile: 0, Search: new(512)), new("mse", Percentile: 0, Search: new(Stride: 2)),
            calibrate[0] with { Weights = new("mse") }, calibrate[0] with { Weights = new("percentile", 99) }, calibrate[0] with { Weights = new("percentile", 98) },
            calibrate[0] with { Weights = new(Granularity: "tensor") },
        ];
        QuantizeSettings[] quantize = 
        [
            Ort, new("tensorrt"), new("ort", "pq"), Ort with { Layers = new(Include: "*.conv1") }, Ort with { Layers = new(Exclude: "fc") },
            Ort with { Layers = new(Exclude: "conv1,fc") }, Ort with { Layers = new(Residual: false) }, Ort with { Layers = new(FloatEnds: "both") },
        ];
        ExportSettings[] exports = [Export, new(17), new(13, "keep")];
        var spec = Small with
        {
            Replicates = 2,
            Variants = new(
                new([.. all], [.. exports]), new([], [train], [Export], Prunings: [new(), new("m4n2_2d_best"), new("m4n2_2d_best", "fc"), new("m4n2_1d", "fc")]),
                new([VariantKind.Sparse], [.. calibrate], [.. quantize], [.. exports]), new([VariantKind.Dense], [.. calibrate], [train], [Ort], [Export])),
        };

        var plan = Plan(spec);

        Assert.Equal(spec.Variants.Count * 2, plan.Length);
        Assert.Equal(plan.Length, plan.Select(trial => trial.Path).Distinct().Count());
        Assert.Equal(plan.Length, plan.Select(trial => trial.Variant).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, plan.Length), plan.Select(trial => trial.Index));
        Assert.All(plan, trial => Assert.True(trial.Parent < trial.Index));
        Assert.All(plan, trial => Assert.Equal(trial.Parent < 0 ? trial.Index : plan[trial.Parent].Dense, trial.Dense));
    }

    [Fact]
    public void How_a_network_was_pruned_goes_with_it_to_its_quantized_children_where_it_is_not_the_default()
    {
        var spec = Small with { Variants = Small.Variants with { Sparse = new(["m4n2_1d", "m8n4_1d"], [new(1)], [Export]) } };
        var pruned = new PruneSettings("m8n4_1d");
        foreach (var trial in Plan(spec))
        {
            var export = trial.Recipe.Stages.OfType<ExportStage>().Single();
            Assert.Equal(trial.Path.Contains("m8n4_1d", StringComparison.Ordinal) ? pruned : null, export.Prune);
        }

        Assert.Contains(Plan(spec), trial => trial.Recipe.Kind == VariantKind.Ptq && trial.Recipe.Stages.OfType<ExportStage>().Single().Prune == pruned);
    }

    [Fact]
    public void All_choices_of_layers_share_one_collect_stage_and_the_default_keeps_the_key_it_had()
    {
        QuantizeSettings[] quantize = [Ort, Ort with { Layers = new(Exclude: "fc") }, Ort with { Layers = new(Residual: false) }];
        var plan = Plan(Small with { Variants = Small.Variants with { Ptq = new([VariantKind.Dense], [new("max", Percentile: 0)], [.. quantize], [Export]), Qat = null } });

        var collects = plan.Where(trial => trial.Recipe.Kind == VariantKind.Ptq).Select(trial => trial.Recipe.Stages.OfType<CollectStage>().Single()).ToList();
        Assert.Equal([new CollectStage(512, 2048, "ort"), new(512, 2048, "ort", true), new CollectStage(512, 2048, "ort", true)], collects);
        Assert.Equal("""{"bins":2048,"dialect":"ort","images":512}""", SparseGrid.Grains.Identity.CanonicalJson.Text(collects[0]));
    }

    [Fact]
    public void Replicates_repeat_the_tree_each_with_its_own_seed()
    {
        var plan = Plan(Small with { Replicates = 2 });

        Assert.Equal(16, plan.Length);
        Assert.Equal(16, plan.Select(trial => trial.Variant).Distinct().Count());
        Assert.Equal(Plan(Small).Select(trial => trial.Variant), plan.Take(8).Select(trial => trial.Variant));
        Assert.Equal(plan.Take(8).Select(trial => trial.Path + " #2"), plan.Skip(8).Select(trial => trial.Path));
        Assert.Equal(Enumerable.Repeat(7, 8).Concat(Enumerable.Repeat(8, 8)), plan.Select(trial => trial.Recipe.Seed));
        Assert.Equal((8, 8), (plan[15].Parent, plan[15].Dense));
    }

    [Fact]
    public void A_sweep_of_dense_variants_alone_is_planned()
    {
        var plan = Plan(Small with { Variants = new(Small.Variants.Dense, null, null, null) });

        Assert.Equal("dense", Assert.Single(plan).Path);
    }

    [Fact]
    public void The_sample_plans_twelve_trials_of_which_four_share_each_collect()
    {
        var spec = SpecReader.Read(Sample()).Spec!;

        var plan = Plan(spec);

        Assert.Equal(
            ["dense", "dense/sparse", "dense/sparse/ptq max", "dense/sparse/ptq entropy", "dense/sparse/ptq percentile", "dense/sparse/ptq mse", "dense/sparse/qat",
             "dense/ptq max", "dense/ptq entropy", "dense/ptq percentile", "dense/ptq mse", "dense/qat"],
            plan.Select(trial => trial.Path));
        Assert.Equal(2, plan.SelectMany(trial => trial.Recipe.Stages.OfType<CollectStage>().Select(stage => (stage, trial.Parent))).Distinct().Count());
    }

    [Fact]
    public void The_same_spec_plans_the_same_identities() =>
        Assert.Equal(Plan(Small).Select(trial => trial.Variant), Plan(Small with { Sweep = "other", Goals = [new("size_ratio", 1)] }).Select(trial => trial.Variant));

    private static ImmutableArray<PlannedVariant> Plan(SweepSpec spec) => Planner.Plan(spec, Samples.Data, Samples.Numerics);

    private static string Sample()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var sample = Path.Combine(folder.FullName, "samples", "digits.sweep.yaml");
            if (File.Exists(sample))
                return sample;
        }

        throw new FileNotFoundException($"No folder above {AppContext.BaseDirectory} holds samples/digits.sweep.yaml.");
    }
}
