using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Identity;

namespace SparseGrid.Grains.Tests.Identity;

public sealed class StageKeyTests
{
    private const string Environment = "onnxruntime 1.31.1";

    private static readonly QuantizeSettings Ort = new();

    private static readonly Dictionary<string, string> Artifacts =
        new[] { "weights", "masks", "histograms", "ranges", "onnx", "baseline", "predictions_test", "baseline_predictions" }.ToDictionary(role => role, role => Sha256.OfJson(role));

    /// <summary>Made in Python: hashlib.sha256 over json.dumps with sorted keys and no spaces.</summary>
    public static TheoryData<string, string> Pinned { get; } = new()
    {
        { "load", "a19825e1a5b392605ed7434d2d0a0cdd45946db651c32a22a336db40a955039e" },
        { "train", "6d3784b1e0fdf7146258630a4c2898f0f299cfc66c5edac38451beb516e4ef42" },
        { "permute", "5c2dcf7a9cb20b7cbdfe666c654b5124312bb5b8fe6a7ab5fb3c1abe4fc5cf76" },
        { "prune", "791e2d84e439af864f534bd9ef15e9c58ec2ca7c8de78733fac37d4855f6c7c2" },
        { "finetune", "80c76b0d09aff86d64fbf7519af0f26d4a48c2d8ffa09ce494e3afc384dc5912" },
        { "collect", "76d9e88d1533c16c4f06c4173d847fa4565eb73c01b32c097f740805f53388ab" },
        { "calibrate", "60a0fa52e73039ef6070ecdc6318145cec1b59393a02739a4d63c8c44ed071b8" },
        { "export", "6a7c096d7635cf78da3a5fa422b623a3344086597c6b6510f600415a386d0dc2" },
        { "evaluate", "c40bed27dbc6ece83de5c3b8c27d67207189c07fa7599d71cbcf50670cbfd572" },
        { "compare", "d0e7c339cf370af24cf794eca39a0e1edf6c9cb41f52a09dffc60225d6209b16" },
        { "measure", "b445b992de423b58b0ae24c489d2c445fa7c6cdece5439c84f82a5a70a3abdf0" },
    };

    [Theory]
    [MemberData(nameof(Pinned))]
    public void Keys_are_pinned(string kind, string key)
    {
        // A training from the seed, which is given nothing, as all were before networks could be loaded.
        Assert.Equal(key, Key(StageOf(kind), kind == "train" ? new Dictionary<string, string>() : null));
    }

    [Fact]
    public void A_result_key_is_pinned_and_changes_with_every_part()
    {
        var variant = new VariantId(new('a', 64));
        var measure = new MeasureSettings();
        string[] keys =
        [
            ResultKey.Of(variant, measure, "1.31.1", "machine/cpu"), ResultKey.Of(new(new('b', 64)), measure, "1.31.1", "machine/cpu"),
            ResultKey.Of(variant, measure with { Runs = 301 }, "1.31.1", "machine/cpu"), ResultKey.Of(variant, measure, "1.31.2", "machine/cpu"),
            ResultKey.Of(variant, measure, "1.31.1", "machine/gpu"),
        ];

        Assert.Equal("d3df735bc8d69844f246befa0c0345bc840caa3107e56c90a91a336b42519106", keys[0]);
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Theory]
    [InlineData("load", "format model numerics")]
    [InlineData("train", "data digest split format model numerics seed")]
    [InlineData("permute", "format model numerics seed")]
    [InlineData("prune", "format model numerics")]
    [InlineData("finetune", "data digest split format model numerics seed")]
    [InlineData("collect", "data digest split format model numerics seed")]
    [InlineData("calibrate", "format model numerics")]
    [InlineData("export", "format model numerics")]
    [InlineData("evaluate", "data digest split format model numerics environment")]
    [InlineData("compare", "data digest split format")]
    [InlineData("measure", "environment")]
    public void Only_what_can_change_the_outcome_enters_the_key(string kind, string enters)
    {
        var stage = StageOf(kind);
        var key = Key(stage);
        var changed = new Dictionary<string, string>
        {
            ["data"] = Key(stage, data: Samples.Data with { Validation = 0.16 }),
            ["digest"] = Key(stage, data: Samples.Data with { Digest = new('e', 64) }),
            ["split"] = Key(stage, data: Samples.Data with { SplitSeed = 1 }),
            ["format"] = Key(stage, data: Samples.Data with { Format = "images" }),
            ["model"] = Key(stage, model: Samples.Model with { Width = 8 }),
            ["numerics"] = Key(stage, numerics: Samples.Numerics with { Threads = 2 }),
            ["seed"] = Key(stage, seed: 8),
            ["environment"] = Key(stage, environment: "onnxruntime 1.31.2"),
        };

        Assert.Equal(enters, string.Join(' ', changed.Where(change => change.Value != key).Select(change => change.Key)));
    }

    [Theory]
    [InlineData("load", "")]
    [InlineData("train", "weights")]
    [InlineData("permute", "weights")]
    [InlineData("prune", "weights")]
    [InlineData("finetune", "weights ranges masks")]
    [InlineData("collect", "weights")]
    [InlineData("calibrate", "weights histograms")]
    [InlineData("export", "weights ranges")]
    [InlineData("evaluate", "onnx weights ranges")]
    [InlineData("compare", "predictions_test baseline_predictions")]
    [InlineData("measure", "onnx baseline")]
    public void Every_input_enters_the_key_and_no_other_artifact(string kind, string roles)
    {
        var stage = StageOf(kind);
        var declared = StageInputs.Of(stage);
        Assert.Equal(roles, string.Join(' ', declared.Required.Concat(declared.Optional)));

        var inputs = declared.From(Artifacts);
        Assert.Equal(roles.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), inputs.Keys);
        foreach (var role in inputs.Keys)
            Assert.NotEqual(Key(stage), Key(stage, inputs.SetItem(role, new('0', 64))));
        foreach (var role in declared.Required)
            Assert.Contains($"'{role}' is missing", Assert.Throws<ArgumentException>(() => Key(stage, inputs.Remove(role))).Message, StringComparison.Ordinal);
        Assert.Contains("'stray' is no input", Assert.Throws<ArgumentException>(() => Key(stage, inputs.Add("stray", new('0', 64)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranges_belong_to_quantized_stages_alone()
    {
        Assert.Equal(["weights"], StageInputs.Of(new FinetuneStage(new(1), null)).Required);
        Assert.Equal(["weights"], StageInputs.Of(new ExportStage(13, "fold", null)).Required);
        Assert.Equal(["onnx", "weights"], StageInputs.Of(new EvaluateStage("test", "onnxruntime", null)).Required);
    }

    [Fact]
    public void Masks_are_left_out_where_there_are_none()
    {
        var stage = new FinetuneStage(new(1), Ort);
        var inputs = StageInputs.Of(stage).From(Artifacts).Remove("masks");

        Assert.NotEqual(Key(stage), Key(stage, inputs));
    }

    [Fact]
    public void Loading_depends_on_the_data_where_they_are_measured_for_new_batch_normalizations()
    {
        var (model, other) = (Samples.Given.Model, Samples.Data with { Digest = new('e', 64) });
        var fresh = model with { Given = model.Given! with { BatchNorm = "fresh" } };

        Assert.Equal(Key(new LoadStage(), model: model), Key(new LoadStage(), model: model, data: other));
        Assert.NotEqual(Key(new LoadStage(), model: fresh), Key(new LoadStage(), model: fresh, data: other));
    }

    [Fact]
    public void A_training_from_the_seed_and_one_that_goes_on_from_weights_are_two()
    {
        var stage = new TrainStage(new(1));

        Assert.NotEqual(Key(stage), Key(stage, new Dictionary<string, string>()));
    }

    [Fact]
    public void All_calibration_methods_share_the_collect_stage()
    {
        Assert.Equal(Key(new CollectStage(512, 2048, "ort")), Key(new CollectStage(512, 2048, "ort")));
        Assert.NotEqual(Key(new CalibrateStage("max", 0, "ort")), Key(new CalibrateStage("entropy", 0, "ort")));
    }

    [Theory]
    [InlineData("evaluate")]
    [InlineData("measure")]
    public void A_deployed_file_is_never_judged_without_naming_the_runtime(string kind) =>
        Assert.Throws<ArgumentException>(() => Key(StageOf(kind), environment: ""));

    private static Stage StageOf(string kind) => kind switch
    {
        "load" => new LoadStage(),
        "train" => new TrainStage(new(30)),
        "permute" => new PermuteStage("exhaustive-8", 100, 100_000),
        "prune" => new PruneStage("m4n2_1d"),
        "finetune" => new FinetuneStage(new(5, LearningRate: 0.005), Ort),
        "collect" => new CollectStage(512, 2048, "ort"),
        "calibrate" => new CalibrateStage("entropy", 0, "ort"),
        "export" => new ExportStage(13, "fold", Ort),
        "evaluate" => new EvaluateStage("test", "onnxruntime", Ort),
        "compare" => new CompareStage(),
        _ => new MeasureStage(new()),
    };

    private static string Key(
        Stage stage, IReadOnlyDictionary<string, string>? inputs = null, DataIdentity? data = null, ModelSettings? model = null,
        NumericsFingerprint? numerics = null, int seed = 7, string environment = Environment) =>
        StageKey.Of(
            stage, inputs ?? StageInputs.Of(stage).From(Artifacts), data ?? Samples.Data, model ?? Samples.Model, numerics ?? Samples.Numerics, seed, environment);
}
