using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Spec.Reading;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Tests.Spec;

public sealed class SpecReaderTests
{
    internal const string Small = """
        sweep: small
        model: { network: resnet8 }
        data: { format: digits-csv, path: digits.csv }
        variants:
          dense: { train: { epochs: 3 } }
        """;

    [Fact]
    public void Reads_the_sample_without_a_problem()
    {
        var reading = SpecReader.Read(Repository.File("samples", "digits.sweep.yaml"));

        Assert.Empty(reading.Problems);
        var spec = reading.Spec!;
        Assert.Equal("digits", spec.Sweep);
        Assert.Equal(7, spec.Seed);
        Assert.Equal(new ModelSettings("resnet8", 32), spec.Model);
        Assert.Equal(new DataSettings("digits-csv", Repository.File("samples", "data", "digits.csv.gz"), 0.2, 0.3, 0), spec.Data);
        Assert.True(File.Exists(spec.Data.Path));
        Assert.Equal(new NumericsSettings("cpu", 1), spec.Numerics);
        Assert.Equal(20, Assert.Single(spec.Variants.Dense.Train).Epochs);
        Assert.Equal(["m4n2_1d"], spec.Variants.Sparse!.Patterns);
        Assert.Equal([VariantKind.Dense, VariantKind.Sparse], spec.Variants.Ptq!.From);
        Assert.Equal(["max", "entropy", "percentile", "mse"], spec.Variants.Ptq.Calibrate.Select(calibrate => calibrate.Method));
        Assert.Equal(12, spec.Variants.Count);
        Assert.Equal(1, spec.Replicates);
    }

    [Fact]
    public void Takes_every_value_from_the_text()
    {
        var spec = Read("""
            sweep: all-of-it
            seed: 11
            model: { network: resnet20, width: 8 }
            data: { format: digits-csv, path: /data/d.csv, validation: 0.25, test: 0.1, split_seed: 3 }
            numerics: { device: cuda, threads: 4 }
            variants:
              dense:
                train: { epochs: 40, batch_size: 32, learning_rate: 0.05, momentum: 0.8, weight_decay: 5e-4, schedule: step, warmup_epochs: 1.5, step_epochs: 12,
                         step_factor: 0.2, label_smoothing: 0.1, augment: { shift: 2, flip: true } }
                export: { opset: 17, bn: keep }
              sparse: { finetune: { epochs: 4, learning_rate: 0.01 } }
              ptq: { from: sparse, calibrate: { method: percentile, images: 100, bins: 512, percentile: 99.9 }, quantize: { dialect: tensorrt, rounding: pq } }
              qat: { from: [dense], finetune: { epochs: 2, learning_rate: 0.001, schedule: constant } }
            measure: { runtime: onnxruntime, latency: { batch: 8, threads: 2, warmup: 10, runs: 20 } }
            goals: { accuracy: "drop <= 0.5pp", latency: "<=0.9x", size: "<= 0.26 x" }
            replicates: 3
            budget: { wall: 90s, trials: 7 }
            """);

        Assert.Equal((11, 3, "/data/d.csv", 3), (spec.Seed, spec.Replicates, spec.Data.Path, spec.Data.SplitSeed));
        Assert.Equal(new NumericsSettings("cuda", 4), spec.Numerics);
        Assert.Equal([new TrainSettings(40, 32, 0.05, 0.8, 5e-4, "step", 1.5, 12, 0.2, 0.1, 2, true)], spec.Variants.Dense.Train);
        Assert.Equal([new ExportSettings(17, "keep")], spec.Variants.Dense.Exports);
        Assert.Equal([new TrainSettings(4, LearningRate: 0.01)], spec.Variants.Sparse!.Finetune);
        Assert.Equal([new ExportSettings()], spec.Variants.Sparse.Exports);
        Assert.Equal([VariantKind.Sparse], spec.Variants.Ptq!.From);
        Assert.Equal([new CalibrateSettings("percentile", 100, 512, 99.9)], spec.Variants.Ptq.Calibrate);
        Assert.Equal([new QuantizeSettings("tensorrt", "pq")], spec.Variants.Ptq.Quantize);
        Assert.Equal([new CalibrateSettings("max", 512, 2048, 0)], spec.Variants.Qat!.Calibrate);
        Assert.Equal([new TrainSettings(2, LearningRate: 0.001, Schedule: "constant")], spec.Variants.Qat.Finetune);
        Assert.Equal([new QuantizeSettings()], spec.Variants.Qat.Quantize);
        Assert.Equal(new MeasureSettings("onnxruntime", 8, 2, 10, 20), spec.Measure);
        Assert.Equal([new("accuracy_drop", 0.5), new("latency_ratio", 0.9), new Goal("size_ratio", 0.26)], spec.Goals);
        Assert.Equal(new BudgetSettings(TimeSpan.FromSeconds(90), 7), spec.Budget);
    }

    [Fact]
    public void Settings_that_a_search_for_another_order_of_channels_does_not_use_make_no_variants()
    {
        var sparse = Read(Small.TrimEnd() + """

              sparse:
                permute: { search: { choice: [none, exhaustive-8, progressive-swap] }, escapes: { choice: [10, 20] }, tries: { choice: [5, 6] } }
                finetune: { epochs: 1, learning_rate: 0.1 }
            """).Variants.Sparse!;

        Assert.Equal(
            [new(), new("exhaustive-8", 10), new("exhaustive-8", 20), new("progressive-swap", Tries: 5), new PermuteSettings("progressive-swap", Tries: 6)], sparse.Permutes);
        Assert.Equal(5, sparse.Count);
        Assert.Null(Read(Small.TrimEnd() + "\n  sparse: { permute: { search: none, escapes: 3 }, finetune: { epochs: 1, learning_rate: 0.1 } }").Variants.Sparse!.Permute);
    }

    [Theory]
    [InlineData("none", "m4n2_2d_best", null)]
    [InlineData("exhaustive-8", "m4n2_1d", null)]
    [InlineData("exhaustive-8", "m4n2_2d_best", "'exhaustive-8' reorders channels for groups of four along the input channels, the pattern m4n2_1d, and the pattern is 'm4n2_2d_best'")]
    public void Another_order_of_channels_goes_with_groups_of_four_along_them(string search, string pattern, string? problem) =>
        Assert.StartsWith(problem ?? "allowed", PermuteRule.Problem(search, pattern) ?? "allowed", StringComparison.Ordinal);

    [Fact]
    public void Absent_keys_have_the_defaults_of_the_records()
    {
        var spec = Read(Small);

        Assert.Equal((0, 1), (spec.Seed, spec.Replicates));
        Assert.Equal(new ModelSettings("resnet8"), spec.Model);
        Assert.Equal(new DataSettings("digits-csv", Path.GetFullPath("digits.csv")), spec.Data);
        Assert.Equal(new NumericsSettings(), spec.Numerics);
        Assert.Equal([new TrainSettings(3)], spec.Variants.Dense.Train);
        Assert.Equal([new ExportSettings()], spec.Variants.Dense.Exports);
        Assert.Equal(new MeasureSettings(), spec.Measure);
        Assert.Equal(new BudgetSettings(), spec.Budget);
        Assert.Empty(spec.Goals);
        Assert.Null(spec.Variants.Sparse);
        Assert.Null(spec.Variants.Ptq);
        Assert.Null(spec.Variants.Qat);
    }

    [Theory]
    [InlineData("{ }", "max", null, null, null)]
    [InlineData("{ zeros: count, start_bin: 128, stride: 1, weights: max, weights_percentile: 99, granularity: channel }", "max", null, null, null)]
    [InlineData("{ method: mse, start_bin: 512 }", "mse", null, "512/", null)]
    [InlineData("{ method: entropy, stride: 4, zeros: skip }", "entropy", true, "/4", null)]
    [InlineData("{ start_bin: 512, stride: 4 }", "max", null, null, null)]
    [InlineData("{ weights: percentile }", "max", null, null, "percentile/99.99/")]
    [InlineData("{ weights: mse, weights_percentile: 99, granularity: tensor }", "max", null, null, "mse//tensor")]
    public void Calibration_settings_at_their_defaults_or_without_use_are_null(string calibrate, string method, bool? skipZeros, string? search, string? weights)
    {
        var settings = Assert.Single(Read(Small + $"\n  ptq: {{ from: dense, calibrate: {calibrate} }}\n").Variants.Ptq!.Calibrate);

        Assert.Equal((method, skipZeros), (settings.Method, settings.SkipZeros));
        Assert.Equal(search, settings.Search is { } s ? $"{s.StartBin}/{s.Stride}" : null);
        Assert.Equal(weights, settings.Weights is { } w ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{w.Method}/{w.Percentile}/{w.Granularity}") : null);
    }

    [Fact]
    public void A_choice_of_searches_multiplies_the_methods_that_search_alone()
    {
        var settings = Read(Small + "\n  ptq: { from: dense, calibrate: { method: { choice: [max, mse] }, stride: { choice: [1, 2] }, weights: { choice: [max, mse] }, weights_percentile: { choice: [99, 98] } } }\n")
            .Variants.Ptq!.Calibrate;

        Assert.Equal(["max//", "max//mse", "mse//", "mse//mse", "mse/2/", "mse/2/mse"], settings.Select(one => $"{one.Method}/{one.Search?.Stride}/{one.Weights?.Method}").Order());
    }

    [Theory]
    [InlineData("format: fashion-mnist", "fashion-mnist", null, 0.15, 0)]
    [InlineData("format: fashion-mnist, validation: 5000", "fashion-mnist", null, 5000, 0)]
    [InlineData("format: idx, path: /data/emnist, classes: 27", "idx", "/data/emnist", 0.15, 0)]
    [InlineData("format: npz, path: /data/a.npz", "npz", "/data/a.npz", 0.15, 0)]
    [InlineData("format: npz, path: /data/a.npz, test: 100", "npz", "/data/a.npz", 0.15, 100)]
    [InlineData("format: csv, path: /data/a.csv, shape: 1x28x28", "csv", "/data/a.csv", 0.15, 0.2)]
    public void Test_images_are_left_to_data_that_may_bring_them(string data, string format, string? path, double validation, double test)
    {
        var settings = Read(Small.Replace("format: digits-csv, path: digits.csv", data, StringComparison.Ordinal)).Data;

        Assert.Equal((format, path, validation, test), (settings.Format, settings.Path, settings.Validation, settings.Test));
    }

    [Fact]
    public void What_files_do_not_say_is_one_part_of_the_settings()
    {
        DataLayout? Of(string data) => Read(Small.Replace("format: digits-csv, path: digits.csv", data, StringComparison.Ordinal)).Data.Layout;

        Assert.Null(Of("format: idx, path: a"));
        Assert.Equal(new DataLayout(Classes: 27), Of("format: idx, path: a, classes: 27"));
        Assert.Equal(new DataLayout("3x32x32", 10, 16, "first"), Of("format: csv, path: a, shape: 3x32x32, classes: 10, pixel_max: 16, label: first"));
    }

    [Fact]
    public void Json_is_read_like_yaml()
    {
        var spec = Read("""
            {
            	"$schema": "sweep.schema.json",
              "sweep": "small",
              "model": {"network": "resnet8"},
              "data": {"format":"digits-csv","path":"data\/\u0064igits.csv"},
              "variants": {
                "dense": {"train": {"epochs": 3, "learning_rate": {"choice": [1e-1, 5E-2]}, "augment": {"flip": true}}}
              }
            }
            """);

        Assert.EndsWith("data/digits.csv", spec.Data.Path, StringComparison.Ordinal);
        Assert.Equal([0.1, 0.05], spec.Variants.Dense.Train.Select(train => train.LearningRate));
        Assert.All(spec.Variants.Dense.Train, train => Assert.True(train.Flip));
    }

    [Fact]
    public void Choices_are_combined_in_the_order_of_the_text_the_last_key_fastest()
    {
        var spec = Read(Small.Replace(
            "{ epochs: 3 }", "{ learning_rate: { choice: [0.2, 0.1] }, augment: { shift: { choice: [0, 1] } }, epochs: { choice: [3, 5, 4] } }", StringComparison.Ordinal));

        Assert.Equal(
            [(0.2, 0, 3), (0.2, 0, 5), (0.2, 0, 4), (0.2, 1, 3), (0.2, 1, 5), (0.2, 1, 4), (0.1, 0, 3), (0.1, 0, 5), (0.1, 0, 4), (0.1, 1, 3), (0.1, 1, 5), (0.1, 1, 4)],
            spec.Variants.Dense.Train.Select(train => (train.LearningRate, train.ShiftPixels, train.Epochs)));
    }

    [Fact]
    public void A_choice_of_percentiles_multiplies_the_percentile_method_alone()
    {
        var spec = Read(Small + "\n  ptq: { from: dense, calibrate: { method: { choice: [max, percentile, mse] }, percentile: { choice: [99.9, 99.99] } } }");

        Assert.Equal(
            [("max", 0), ("percentile", 99.9), ("percentile", 99.99), ("mse", 0)],
            spec.Variants.Ptq!.Calibrate.Select(calibrate => (calibrate.Method, calibrate.Percentile)));
    }

    [Fact]
    public void Layers_are_lists_of_patterns_in_one_order_and_their_defaults_are_null()
    {
        QuantizeSettings Of(string quantize) => Assert.Single(Read(Small + $"\n  ptq: {{ from: dense, quantize: {{ {quantize} }} }}").Variants.Ptq!.Quantize);

        Assert.Equal(new QuantizeSettings(Layers: new(Exclude: "fc,layer4.*")), Of("exclude: [layer4.*, fc]"));
        Assert.Equal(new QuantizeSettings(Layers: new(Exclude: "fc,layer4.*")), Of("exclude: [fc, layer4.*]"));
        Assert.Equal(new QuantizeSettings(Layers: new(Include: "*.conv?", Residual: false, FloatEnds: "both")), Of("include: '*.conv?', residual: false, float_ends: both"));
        Assert.Null(Of("exclude: [], residual: true, float_ends: none").Layers);
    }

    [Fact]
    public void Lists_of_layers_may_be_choices()
    {
        var spec = Read(Small + "\n  ptq: { from: dense, quantize: { exclude: { choice: [[], fc, [conv1, fc]] }, residual: { choice: [true, false] } } }");

        Assert.Equal(
            [(null, null), (null, false), ("fc", null), ("fc", false), ("conv1,fc", null), ("conv1,fc", false)],
            spec.Variants.Ptq!.Quantize.Select(quantize => (quantize.Layers?.Exclude, quantize.Layers?.Residual)));
    }

    [Fact]
    public void The_examples_of_layers_in_the_reference_are_read()
    {
        const string start = "```yaml\nptq:";
        var text = File.ReadAllText(Repository.File("docs", "spec.md"));
        text = text[text.IndexOf("### `quantize`", StringComparison.Ordinal)..];
        var counts = new List<int>();
        for (var at = text.IndexOf(start, StringComparison.Ordinal); at >= 0; at = text.IndexOf(start, at + 1, StringComparison.Ordinal))
        {
            var example = text[(at + "```yaml\n".Length)..text.IndexOf("\n```", at, StringComparison.Ordinal)];
            if (example.Contains("quantize:", StringComparison.Ordinal))
                counts.Add(Read(Small + "\n  " + example.Replace("\n", "\n  ", StringComparison.Ordinal)).Variants.Ptq!.Quantize.Length);
        }

        Assert.Equal([6, 1, 2], counts);
    }

    [Fact]
    public void A_choice_of_steps_multiplies_the_step_schedule_alone()
    {
        var spec = Read(Small.Replace("epochs: 3", "epochs: 3, schedule: { choice: [cosine, step] }, step_epochs: { choice: [1, 2] }", StringComparison.Ordinal));

        Assert.Equal([("cosine", 30), ("step", 1), ("step", 2)], spec.Variants.Dense.Train.Select(train => (train.Schedule, train.StepEpochs)));
    }

    [Fact]
    public void What_is_of_one_optimizer_multiplies_that_one_alone()
    {
        var spec = Read(Small.Replace(
            "epochs: 3",
            "epochs: 3, learning_rate: 0.01, optimizer: { choice: [sgd, adamw] }, nesterov: { choice: [false, true] }, momentum: 0.8, beta2: { choice: [0.99, 0.999] }",
            StringComparison.Ordinal));

        TrainSettings sgd = new(3, LearningRate: 0.01, Momentum: 0.8), adamW = new(3, LearningRate: 0.01, AdamW: new());
        Assert.Equal([sgd, sgd with { Nesterov = true }, adamW with { AdamW = new(Beta2: 0.99) }, adamW], spec.Variants.Dense.Train);
        Assert.Equal([new TrainSettings(3)], Read(Small.Replace("epochs: 3", "epochs: 3, optimizer: sgd, nesterov: false", StringComparison.Ordinal)).Variants.Dense.Train);
    }

    [Fact]
    public void Patterns_and_excluded_layers_are_combined()
    {
        SparseSpace Of(string prune) => Read(Small + $"\n  sparse: {{ prune: {{ {prune} }}, finetune: {{ epochs: 1, learning_rate: 0.1 }} }}").Variants.Sparse!;

        Assert.Null(Of("pattern: { choice: [m4n2_1d, m8n4_1d] }").Prunings);
        Assert.Equal([new("m4n2_1d"), new PruneSettings("m8n4_1d")], Of("pattern: { choice: [m4n2_1d, m8n4_1d] }").Prune);
        Assert.Null(Of("exclude: []").Prunings);
        var space = Of("exclude: { choice: [[], [layer2.*, fc]] }, pattern: { choice: [m4n2_2d_best, m4n2_2d_greedy] }");
        Assert.Equal(
            [new("m4n2_2d_best"), new("m4n2_2d_greedy"), new("m4n2_2d_best", "fc,layer2.*"), new PruneSettings("m4n2_2d_greedy", "fc,layer2.*")], space.Prune);
        Assert.Equal(4, space.Count);
    }

    [Fact]
    public void Exports_may_be_choices_too()
    {
        var spec = Read(Small + "\n  ptq: { from: dense, export: { bn: { choice: [fold, keep] }, opset: { choice: [13, 17] } } }");

        Assert.Equal([(13, "fold"), (17, "fold"), (13, "keep"), (17, "keep")], spec.Variants.Ptq!.Exports.Select(export => (export.Opset, export.BatchNorm)));
        Assert.Equal(5, spec.Variants.Count);
    }

    [Fact]
    public void An_alias_repeats_what_its_anchor_holds()
    {
        var spec = Read(Small.Replace("epochs: 3", "epochs: 3, augment: &a { shift: 3 }", StringComparison.Ordinal)
            + "\n  sparse: { finetune: { epochs: 1, learning_rate: 0.1, augment: *a } }");

        Assert.Equal(3, spec.Variants.Sparse!.Finetune[0].ShiftPixels);
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("10m", 600)]
    [InlineData("1.5h", 5400)]
    [InlineData("2d", 172800)]
    public void Durations_have_a_number_and_a_unit(string text, double seconds) =>
        Assert.Equal(seconds, Read($"{Small}\nbudget: {{ wall: {text} }}").Budget.Wall!.Value.TotalSeconds);

    [Fact]
    public void A_relative_path_starts_at_the_folder_of_the_spec()
    {
        var reading = SpecReader.Parse(Small, "s.yaml", "/some/folder/below");

        Assert.Equal("/some/folder/below/digits.csv", reading.Spec!.Data.Path);
    }

    internal static SweepSpec Read(string text)
    {
        var reading = SpecReader.Parse(text, "s.yaml", ".");
        Assert.True(reading.Problems.IsEmpty, string.Join("\n", reading.Problems));
        return reading.Spec!;
    }
}
