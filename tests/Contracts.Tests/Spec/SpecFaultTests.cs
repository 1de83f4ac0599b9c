using System.Text;
using SparseGrid.Contracts.Spec;

namespace SparseGrid.Contracts.Tests.Spec;

public sealed class SpecFaultTests
{
    private const string Good = """
        sweep: small
        seed: 1
        model: { network: resnet8 }
        data: { format: digits-csv, path: digits.csv }
        variants:
          dense: { train: { epochs: 3 } }
          sparse: { finetune: { epochs: 1, learning_rate: 0.1 } }
          ptq: { from: [dense, sparse], calibrate: { method: max } }
          qat: { from: dense, finetune: { epochs: 1, learning_rate: 0.1 } }
        goals: { accuracy: "drop <= 1pp" }
        budget: { wall: 10m }
        """;

    [Fact]
    public void The_text_that_these_tests_damage_is_good() => SpecReaderTests.Read(Good);

    [Theory]
    [InlineData("calibrate: { method", "calibrate: { methd", "s.yaml:8: variants.ptq.calibrate.methd: unknown key; did you mean 'method'?")]
    [InlineData("seed: 1", "sed: 1", "s.yaml:2: sed: unknown key; did you mean 'seed'?")]
    [InlineData("{ train: { epochs: 3 }", "{ train: { epochs: 3, lr: 0.1 }", "s.yaml:6: variants.dense.train.lr: unknown key; did you mean 'learning_rate'?")]
    [InlineData("{ train: { epochs: 3 }", "{ train: { epochs: 3, batch-size: 8 }", "s.yaml:6: variants.dense.train.batch-size: unknown key; did you mean 'batch_size'?")]
    [InlineData("{ train: { epochs: 3 }", "{ train: { epoch: 3 }", "s.yaml:6: variants.dense.train.epoch: unknown key; did you mean 'epochs'?")]
    [InlineData("budget: { wall: 10m }", "budget: { xyzzy: 10m }", "s.yaml:11: budget.xyzzy: unknown key; the keys are wall, trials.")]
    [InlineData("  ptq:", "  pqt:", "s.yaml:8: variants.pqt: unknown key; did you mean 'ptq'?")]
    [InlineData("resnet8", "resnet81", "s.yaml:3: model.network: 'resnet81' is unknown; did you mean 'resnet8'?")]
    [InlineData("resnet8", "vgg", "s.yaml:3: model.network: 'vgg' is unknown; it takes one of resnet8, resnet20, resnet18, resnet34, resnet50.")]
    [InlineData("method: max", "method: entopy", "s.yaml:8: variants.ptq.calibrate.method: 'entopy' is unknown; did you mean 'entropy'?")]
    [InlineData("method: max", "method: { choice: [max, mse, mx] }", "s.yaml:8: variants.ptq.calibrate.method.choice[2]: 'mx' is unknown; did you mean 'max'?")]
    [InlineData("method: max }", "method: max }, quantize: { dialect: tensort }", "s.yaml:8: variants.ptq.quantize.dialect: 'tensort' is unknown; did you mean 'tensorrt'?")]
    [InlineData("method: max }", "method: max }, quantize: { dialect: cuda-int8 }", "s.yaml:8: variants.ptq.quantize.dialect: 'cuda-int8' is a dialect that runtime cuda-int8 executes, and measure.runtime is onnxruntime; set measure.runtime to cuda-int8, or take dialect ort or tensorrt.")]
    [InlineData("{ finetune: { epochs: 1", "{ prune: { pattern: m4n2_2d_bst }, finetune: { epochs: 1", "s.yaml:7: variants.sparse.prune.pattern: 'm4n2_2d_bst' is unknown; did you mean 'm4n2_2d_best'?")]
    [InlineData("{ finetune: { epochs: 1", "{ prune: { pattern: unstructured }, finetune: { epochs: 1", "s.yaml:7: variants.sparse.prune.pattern: 'unstructured' is unknown; it takes m4n2_1d, m4n2_2d_greedy, m4n2_2d_best, or mMnN_1d with 1 <= N < M <= 32.")]
    [InlineData("{ finetune: { epochs: 1", "{ prune: { pattern: m4n4_1d }, finetune: { epochs: 1", "s.yaml:7: variants.sparse.prune.pattern: 'm4n4_1d' is refused; it takes m4n2_1d, m4n2_2d_greedy, m4n2_2d_best, or mMnN_1d with 1 <= N < M <= 32.")]
    [InlineData("{ finetune: { epochs: 1", "{ prune: { pattern: m33n2_1d }, finetune: { epochs: 1", "s.yaml:7: variants.sparse.prune.pattern: 'm33n2_1d' is refused; it takes m4n2_1d, m4n2_2d_greedy, m4n2_2d_best, or mMnN_1d with 1 <= N < M <= 32.")]
    [InlineData("{ finetune: { epochs: 1", "{ prune: { pattern: }, finetune: { epochs: 1", "s.yaml:7: variants.sparse.prune.pattern: has no value; it takes m4n2_1d, m4n2_2d_greedy, m4n2_2d_best, or mMnN_1d with 1 <= N < M <= 32.")]
    [InlineData("{ finetune: { epochs: 1", "{ prune: { exclude: [fc, fc] }, finetune: { epochs: 1", "s.yaml:7: variants.sparse.prune.exclude: 'fc' stands in the list a second time; keep one.")]
    [InlineData("{ epochs: 3 }", "{ epochs: 3, optimizer: adam }", "s.yaml:6: variants.dense.train.optimizer: 'adam' is unknown; did you mean 'adamw'?")]
    [InlineData("{ epochs: 3 }", "{ epochs: 3, optimizer: adamw }", "s.yaml:6: variants.dense.train.learning_rate: is missing; the default is for sgd, and adamw wants far less, 0.001 say.")]
    [InlineData("{ epochs: 3 }", "{ epochs: 3, nesterov: true, momentum: 0 }", "s.yaml:6: variants.dense.train.nesterov: looks ahead along a momentum, but the momentum is 0; take one above 0, or leave nesterov out.")]
    [InlineData("{ epochs: 3 }", "{ epochs: 3, beta2: 1 }", "s.yaml:6: variants.dense.train.beta2: '1' is refused; it takes a number of at least 0 and below 1.")]
    [InlineData("method: max }", "method: mse, bins: 256, start_bin: 256 }", "s.yaml:8: variants.ptq.calibrate.start_bin: the search starts at bin 256, but the histogram of a first batch has 256 bins; start earlier, or take more bins.")]
    [InlineData("method: max }", "method: max, start_bin: 127 }", "s.yaml:8: variants.ptq.calibrate.start_bin: '127' is refused; it takes a whole number from 128 to 32768.")]
    [InlineData("method: max }", "method: max, weights: entropy }", "s.yaml:8: variants.ptq.calibrate.weights: 'entropy' is unknown; it takes one of max, percentile, mse.")]
    [InlineData("method: max }", "method: max, granularity: chanel }", "s.yaml:8: variants.ptq.calibrate.granularity: 'chanel' is unknown; did you mean 'channel'?")]
    [InlineData("method: max }", "method: max }, quantize: { exclude: [fc, fc] }", "s.yaml:8: variants.ptq.quantize.exclude: 'fc' stands in the list a second time; keep one.")]
    [InlineData("method: max }", "method: max }, quantize: { include: [] }", "s.yaml:8: variants.ptq.quantize.include: is an empty list, which leaves no layer; it takes a layer's name with * and ?, or a list of them: [fc, layer4.*].")]
    [InlineData("method: max }", "method: max }, quantize: { exclude: [fc, [conv1]] }", "s.yaml:8: variants.ptq.quantize.exclude: a list stands where one value is expected; it takes a layer's name, where * stands for any characters and ? for one: layer4.*.")]
    [InlineData("method: max }", "method: max }, quantize: { exclude: { choice: [[fc], fc] } }", "s.yaml:8: variants.ptq.quantize.exclude.choice[1]: 'fc' stands in the list a second time; keep one.")]
    [InlineData("method: max }", "method: max }, quantize: { exclude: 'a b' }", "s.yaml:8: variants.ptq.quantize.exclude: 'a b' is refused; it takes a layer's name, where * stands for any characters and ? for one: layer4.*.")]
    [InlineData("method: max }", "method: max }, quantize: { exclude: }", "s.yaml:8: variants.ptq.quantize.exclude: has no value; it takes a layer's name, where * stands for any characters and ? for one: layer4.*.")]
    [InlineData("method: max }", "method: max }, quantize: { float_ends: bth }", "s.yaml:8: variants.ptq.quantize.float_ends: 'bth' is unknown; did you mean 'both'?")]
    [InlineData("from: dense", "from: dens", "s.yaml:9: variants.qat.from: 'dens' is unknown; did you mean 'dense'?")]
    [InlineData("from: dense", "from: [dense, dense]", "s.yaml:9: variants.qat.from: 'dense' stands in the list a second time; keep one.")]
    [InlineData("from: dense", "from: []", "s.yaml:9: variants.qat.from: is an empty list; it takes one or a list of dense, sparse.")]
    [InlineData("from: dense, ", "", "s.yaml:9: variants.qat.from: is missing; it takes one or a list of dense, sparse.")]
    [InlineData("seed: 1", "seed: 1\nseed: 2", "s.yaml:3: seed: stands here a second time, first on line 2; keep one.")]
    [InlineData("seed: 1", "seed: one", "s.yaml:2: seed: 'one' is refused; it takes a whole number from 0 to 2000000000.")]
    [InlineData("seed: 1", "seed: '1'", "s.yaml:2: seed: '1' is a text; it takes a whole number from 0 to 2000000000, without quotes.")]
    [InlineData("seed: 1", "seed: 1.5", "s.yaml:2: seed: '1.5' is refused; it takes a whole number from 0 to 2000000000.")]
    [InlineData("seed: 1", "seed: 99999999999999999999", "s.yaml:2: seed: '99999999999999999999' is refused; it takes a whole number from 0 to 2000000000.")]
    [InlineData("seed: 1", "seed:", "s.yaml:2: seed: has no value; it takes a whole number from 0 to 2000000000.")]
    [InlineData("seed: 1", "seed: [1, 2]", "s.yaml:2: seed: a list stands where one value is expected; it takes a whole number from 0 to 2000000000.")]
    [InlineData("seed: 1", "seed: { choice: [1, 2] }", "s.yaml:2: seed: a mapping stands where one value is expected (choices are for keys under variants); it takes a whole number from 0 to 2000000000.")]
    [InlineData("seed: 1", "seed: !!int 1", "s.yaml:2: tag 'tag:yaml.org,2002:int': a sweep spec has no tags; leave it out.")]
    [InlineData("epochs: 3", "epochs: 0", "s.yaml:6: variants.dense.train.epochs: '0' is refused; it takes a whole number from 1 to 100000.")]
    [InlineData("epochs: 3", "epochs: [3, 4]", "s.yaml:6: variants.dense.train.epochs: a list stands where one value is expected; to try each, write { choice: [...] }. It takes a whole number from 1 to 100000.")]
    [InlineData("epochs: 3", "epochs: { choice: [] }", "s.yaml:6: variants.dense.train.epochs.choice: is an empty list, which leaves nothing to run; each value is a whole number from 1 to 100000.")]
    [InlineData("epochs: 3", "epochs: { choice: 3 }", "s.yaml:6: variants.dense.train.epochs.choice: '3' stands where a list is expected; write choice: [a, b].")]
    [InlineData("epochs: 3", "epochs: { choise: [3] }", "s.yaml:6: variants.dense.train.epochs.choise: unknown key; did you mean 'choice'?")]
    [InlineData("epochs: 3", "epochs: { choice: [3, 4, 3] }", "s.yaml:6: variants.dense.train.epochs.choice[2]: '3' stands in the list a second time; keep one.")]
    [InlineData("epochs: 3", "epochs: {}", "s.yaml:6: variants.dense.train.epochs: is empty; it takes a whole number from 1 to 100000, or { choice: [...] }.")]
    [InlineData("{ epochs: 3 }", "{ epochs: 3, momentum: 1 }", "s.yaml:6: variants.dense.train.momentum: '1' is refused; it takes a number of at least 0 and below 1.")]
    [InlineData("{ epochs: 3 }", "{ epochs: 3, learning_rate: .nan }", "s.yaml:6: variants.dense.train.learning_rate: '.nan' is refused; it takes a number above 0 and at most 100.")]
    [InlineData("{ epochs: 3 }", "{ epochs: 3, learning_rate: NaN }", "s.yaml:6: variants.dense.train.learning_rate: 'NaN' is refused; it takes a number above 0 and at most 100.")]
    [InlineData("{ epochs: 3 }", "{ epochs: 3, augment: { flip: yes } }", "s.yaml:6: variants.dense.train.augment.flip: 'yes' is refused; it takes true or false.")]
    [InlineData("{ epochs: 3 }", "{ epochs: 3, warmup_epochs: 4 }", "s.yaml:6: variants.dense.train.warmup_epochs: a warm-up of 4 epochs does not fit into 3 epochs; take fewer, or train longer.")]
    [InlineData("{ epochs: 3 }", "3", "s.yaml:6: variants.dense.train: '3' stands where keys with values are expected; the keys are epochs, learning_rate, batch_size, optimizer, momentum, nesterov, beta1, beta2, epsilon, weight_decay, schedule, warmup_epochs, step_epochs, step_factor, label_smoothing, augment.")]
    [InlineData("format: digits-csv, path: digits.csv", "format: digits-csv", "s.yaml:4: data.path: is missing; it takes the path of a file or folder, relative to this file's folder.")]
    [InlineData("format: digits-csv, path: digits.csv", "format: fashion_mnist", "s.yaml:4: data.format: 'fashion_mnist' is unknown; did you mean 'fashion-mnist'?")]
    [InlineData("format: digits-csv, path: digits.csv", "format: fashion-mnist, test: 0.2", "s.yaml:4: data.test: fashion-mnist brings test images of its own, and all of them make the final table; leave data.test out.")]
    [InlineData("format: digits-csv, path: digits.csv", "format: cifar10, shape: 3x32x32", "s.yaml:4: data.shape: is for npz and csv; files of cifar10 say it themselves. Leave it out.")]
    [InlineData("format: digits-csv, path: digits.csv", "format: csv, path: a.csv", "s.yaml:4: data.shape: is missing; lines of csv do not say it. It takes channels, rows and columns of one image: 1x28x28.")]
    [InlineData("format: digits-csv, path: digits.csv", "format: csv, path: a.csv, shape: 28x28", "s.yaml:4: data.shape: '28x28' is refused; it takes channels, rows and columns of one image: 1x28x28.")]
    [InlineData("path: digits.csv", "path: digits.csv, validation: 1", "s.yaml:4: data.validation: '1' is refused; it takes a share above 0 and below 1, or a number of images from 2 on.")]
    [InlineData("path: digits.csv", "path: digits.csv, test: 2.5", "s.yaml:4: data.test: '2.5' is refused; it takes a share above 0 and below 1, or a number of images from 2 on.")]
    [InlineData("path: digits.csv", "path: digits.csv, pixel_max: 255", "s.yaml:4: data.pixel_max: is for csv; files of digits-csv say it themselves. Leave it out.")]
    [InlineData("path: digits.csv", "path: ''", "s.yaml:4: data.path: '' is refused; it takes the path of a file or folder, relative to this file's folder.")]
    [InlineData("sweep: small", "sweep: Small_1", "s.yaml:1: sweep: 'Small_1' is refused; it takes a name of 1 to 63 characters: a to z, 0 to 9, -.")]
    [InlineData("sweep: small", "sweep: \"small\\n\"", "s.yaml:1: sweep: 'small\\u000a' is refused; it takes a name of 1 to 63 characters: a to z, 0 to 9, -.")]
    [InlineData("sweep: small\n", "", "s.yaml:1: sweep: is missing; it takes a name of 1 to 63 characters: a to z, 0 to 9, -.")]
    [InlineData("drop <= 1pp", "drop < 1pp", "s.yaml:10: goals.accuracy: 'drop < 1pp' is refused; it takes 'drop <= Npp' with a number of at least 0 and at most 100 for N.")]
    [InlineData("drop <= 1pp", "drop <= 101pp", "s.yaml:10: goals.accuracy: 'drop <= 101pp' is refused; it takes 'drop <= Npp' with a number of at least 0 and at most 100 for N.")]
    [InlineData("wall: 10m", "wall: 10", "s.yaml:11: budget.wall: '10' is refused; it takes a time above 0 and at most 366d, a number and s, m, h or d: 90s, 10m, 24h.")]
    [InlineData("wall: 10m", "wall: 0s", "s.yaml:11: budget.wall: '0s' is refused; it takes a time above 0 and at most 366d, a number and s, m, h or d: 90s, 10m, 24h.")]
    [InlineData("wall: 10m", "wall: \"10m\\n\"", "s.yaml:11: budget.wall: '10m\\u000a' is refused; it takes a time above 0 and at most 366d, a number and s, m, h or d: 90s, 10m, 24h.")]
    [InlineData("  sparse:", "  #sparse:", "s.yaml:8: variants.ptq.from: 'sparse' is named, but the spec has no variants.sparse; add it, or leave 'sparse' out.")]
    [InlineData("budget:", "---\nbudget:", "s.yaml:11: a second document starts here; a file holds one sweep spec.")]
    [InlineData("seed: 1", "seed: *s", "s.yaml:2: alias 's' has no anchor above it.")]
    [InlineData("seed: 1", "[a]: 1", "s.yaml:2: a key is a list or a mapping; every key of a sweep spec is one word.")]
    public void A_fault_is_one_line_with_the_place_the_value_and_the_fix(string found, string written, string expected)
    {
        Assert.Contains(found, Good, StringComparison.Ordinal);
        var damaged = Good.Replace(found, written, StringComparison.Ordinal);

        var reading = SpecReader.Parse(damaged, "s.yaml", ".");

        Assert.Null(reading.Spec);
        Assert.Equal([expected], reading.Problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("{ runtime: cuda-int8 }", "ort", "cuda", "variants.ptq.quantize.dialect: 'ort' is a dialect that runtime onnxruntime executes, and measure.runtime is cuda-int8; take dialect cuda-int8, or set measure.runtime to onnxruntime.")]
    [InlineData("{ runtime: cuda-int8 }", "cuda-int8", "cpu", "measure.runtime: 'cuda-int8' is timed on a GPU, and numerics.device is cpu; set numerics.device to cuda, or measure.latency.runs to 0 for accuracy alone, which its reference computes on a processor.")]
    [InlineData("{ latency: { runs: 0 } }", "ort", "cpu", "goals.latency: has nothing to judge: measure.latency.runs is 0, so no latency is measured; take at least 1, or leave the goal out.")]
    [InlineData("{ latency: { runs: -1 } }", "ort", "cpu", "measure.latency.runs: '-1' is refused; it takes a whole number from 0 to 10000000.")]
    [InlineData("{ runtime: cuda-int8 }", "cuda-int8", "cuda", null)]
    public void Runtime_dialect_device_and_goals_go_together(string measure, string dialect, string device, string? problem)
    {
        var text = $$"""
            sweep: small
            model: { network: resnet8 }
            data: { format: digits-csv, path: digits.csv }
            numerics: { device: {{device}} }
            variants:
              dense: { train: { epochs: 3 } }
              ptq: { from: dense, quantize: { dialect: {{dialect}} } }
            measure: {{measure}}
            goals: { latency: "<= 0.9x" }
            """;
        var reading = SpecReader.Parse(text, "s.yaml", ".");
        Assert.Equal(problem is null ? [] : [problem], reading.Problems.Select(found => found.ToString().Split(": ", 2)[1]));
    }

    [Fact]
    public void Every_fault_is_named_at_once_in_the_order_of_the_lines()
    {
        var reading = SpecReader.Parse(
            """
            sweep: BAD
            sed: 7
            model: { network: resnet9, width: -1 }
            data: { format: digits-csv }
            variants:
              dense: { train: { epochs: { choice: [] }, batch_sze: 4 } }
              ptq: { from: sparse }
            replicates: 0
            """,
            "s.yaml",
            ".");

        Assert.Equal(
            [(1, "sweep"), (2, "sed"), (3, "model.network"), (3, "model.width"), (4, "data.path"), (6, "variants.dense.train.epochs.choice"),
             (6, "variants.dense.train.batch_sze"), (7, "variants.ptq.from"), (8, "replicates")],
            reading.Problems.Select(problem => (problem.Line, problem.Path)));
    }

    [Theory]
    [InlineData("", 1, "is empty")]
    [InlineData("# nothing but a remark\n", 1, "is empty")]
    [InlineData("sweep: a\nmodel: { network: resnet8\ndata: x", 3, "is not valid YAML")]
    [InlineData("sweep: 'a\nseed: 1\n", 1, "is not valid YAML")]
    [InlineData("- sweep", 1, "a list stands where keys with values are expected")]
    [InlineData("just words", 1, "'just words' stands where keys with values are expected")]
    [InlineData("sweep: a\nb: \0", 2, "is binary")]
    public void Text_that_is_no_spec_is_named_with_its_line(string text, int line, string message)
    {
        var problem = Assert.Single(SpecReader.Parse(text, "s.yaml", ".").Problems);

        Assert.StartsWith(message, problem.Message, StringComparison.Ordinal);
        Assert.Equal(line, problem.Line);
    }

    [Fact]
    public void A_tab_for_indentation_is_named()
    {
        var problem = Assert.Single(SpecReader.Parse("sweep: a\nmodel:\n\tnetwork: resnet8\n", "s.yaml", ".").Problems);

        Assert.StartsWith("is not valid YAML", problem.Message, StringComparison.Ordinal);
        Assert.EndsWith("Line 3 is indented with a tab; YAML wants spaces.", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_of_aliases_is_refused_by_its_size()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var level = 1; level < 30; level++)
            bomb.Append($"a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 10))}]\n");

        var problem = Assert.Single(SpecReader.Parse(bomb.ToString(), "s.yaml", ".").Problems);

        Assert.Equal("s.yaml:5: has more than 20000 values, aliases written out; a sweep spec has some dozens.", problem.ToString());
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void Deep_nesting_is_refused_by_its_depth(string open)
    {
        var problem = Assert.Single(SpecReader.Parse(string.Concat(Enumerable.Repeat(open, 250_000)), "s.yaml", ".").Problems);

        Assert.Contains("deeper than 32 levels", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_damaged_words_are_cut_and_the_hundred_first_problems_are_shown()
    {
        var text = string.Join('\n', Enumerable.Range(0, 300).Select(line => $"{new string('x', 200)}{line}: 1"));

        var problems = SpecReader.Parse(text, "s.yaml", ".").Problems;

        Assert.Equal(101, problems.Length);
        Assert.All(problems, problem => Assert.InRange(problem.ToString().Length, 1, 300));
        Assert.Equal("s.yaml:97: and 204 more problems from this line on.", problems[^1].ToString());
    }

    [Fact]
    public void Too_many_trials_are_refused_before_they_are_made()
    {
        var many = string.Join(", ", Enumerable.Range(1, 2000));
        var section = Good.Replace("epochs: 3", $"epochs: {{ choice: [{many}] }}, batch_size: {{ choice: [{many}] }}", StringComparison.Ordinal);
        var tree = Good.Replace("epochs: 3", $"epochs: {{ choice: [{many}] }}", StringComparison.Ordinal)
            .Replace("max }", "max }, export: { bn: { choice: [fold, keep] }, opset: { choice: [13, 14, 15, 16, 17, 18, 19, 20, 21] } }", StringComparison.Ordinal);

        Assert.Equal(
            ["s.yaml:6: variants.dense.train: its choices have 4000000 combinations; a sweep has at most 100000 trials. Take fewer values."],
            SpecReader.Parse(section, "s.yaml", ".").Problems.Select(problem => problem.ToString()));
        Assert.Equal(
            ["s.yaml:5: variants: the choices and 2 replicates make 156000 trials; a sweep has at most 100000. Take fewer values."],
            SpecReader.Parse(tree + "\nreplicates: 2", "s.yaml", ".").Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void Counts_beyond_all_bounds_do_not_overflow()
    {
        var many = string.Join(", ", Enumerable.Range(1, 2000));
        var axes = string.Join(", ", new[] { "epochs", "batch_size", "step_epochs" }.Select(key => $"{key}: {{ choice: [{many}] }}"));
        var text = Good.Replace("{ epochs: 3 }", $"{{ {axes} }}", StringComparison.Ordinal);

        Assert.Contains("8000000000 combinations", Assert.Single(SpecReader.Parse(text, "s.yaml", ".").Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_cannot_be_read_are_named_without_a_line()
    {
        var folder = Directory.CreateTempSubdirectory("sparsegrid-spec");
        try
        {
            string Put(string name, byte[] bytes)
            {
                var path = Path.Combine(folder.FullName, name);
                File.WriteAllBytes(path, bytes);
                return path;
            }

            string Told(string path) => Assert.Single(SpecReader.Read(path).Problems).ToString();

            var missing = Path.Combine(folder.FullName, "missing.yaml");
            Assert.Equal($"{missing}: there is no such file. Give the path of a sweep spec, such as samples/digits.sweep.yaml.", Told(missing));
            Assert.Equal($"{folder.FullName}/no/s.yaml: there is no such file. Give the path of a sweep spec, such as samples/digits.sweep.yaml.", Told($"{folder.FullName}/no/s.yaml"));
            Assert.Equal($"{folder.FullName}: is a folder; name the spec file in it.", Told(folder.FullName));
            Assert.EndsWith("is larger than 1048576 bytes, the most that a sweep spec may have. Is this the right file?", Told(Put("big.yaml", new byte[SpecReader.LargestFile + 1])), StringComparison.Ordinal);
            Assert.EndsWith("is not text in UTF-8. Is this the right file?", Told(Put("latin.yaml", [0x61, 0xE9, 0x0A])), StringComparison.Ordinal);
            Assert.Contains(":1: is binary", Told(Put("zero.yaml", [0x61, 0x00])), StringComparison.Ordinal);
            Assert.Contains(":1: is empty", Told(Put("empty.yaml", [])), StringComparison.Ordinal);
            Assert.Contains("cannot be read", Told("a\0b"), StringComparison.Ordinal);
            Assert.Contains("cannot be read", Told(""), StringComparison.Ordinal);

            byte[] marked = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Good.Replace("\n", "\r\n", StringComparison.Ordinal))];
            Assert.Equal(Path.Combine(folder.FullName, "digits.csv"), SpecReader.Read(Put("windows.yaml", marked)).Spec!.Data.Path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
