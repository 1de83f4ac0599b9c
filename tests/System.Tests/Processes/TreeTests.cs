using System.Diagnostics;

namespace SparseGrid.System.Tests.Processes;

/// <summary>The whole line, from the spec to the measured table, in the real program.</summary>
public sealed class TreeTests(TreeFixture tree) : IClassFixture<TreeFixture>
{
    [Fact]
    public void Every_trial_finishes_with_a_measured_result()
    {
        Assert.Equal(12, tree.First.Rows.Length);
        Assert.All(tree.First.Rows.Select(row => row.GetProperty("state").GetString()), state => Assert.Equal("finished", state));
        var latencies = tree.First.Results.Select(result => result.GetProperty("latency")).ToArray();
        Assert.All(latencies, latency => Assert.InRange(latency.GetProperty("medianMs").GetDouble(), 1e-6, 1e4));
        Assert.All(latencies, latency => Assert.Equal(30, latency.GetProperty("runs").GetInt32()));
    }

    [Fact]
    public void Calibration_methods_of_one_parent_share_one_collect_stage() => Assert.Equal(2, tree.First.Executed("collect"));

    [Fact]
    public void Dense_is_trained_once_for_all_its_descendants()
    {
        Assert.Equal(1, tree.First.Executed("train"));
        Assert.Equal(1, tree.First.Executed("prune"));
    }

    [Fact]
    public void Pruned_layers_of_every_exported_file_are_half_zeros_in_valid_groups()
    {
        var pruned = tree.First.Results
            .SelectMany(result => result.GetProperty("sparsity").EnumerateArray())
            .Where(layer => layer.GetProperty("pruned").GetBoolean())
            .ToArray();
        Assert.NotEmpty(pruned);
        Assert.All(pruned, layer => Assert.True(layer.GetProperty("maskValid").GetBoolean()));
        Assert.All(pruned, layer => Assert.True(2 * layer.GetProperty("zeros").GetInt64() >= layer.GetProperty("weights").GetInt64()));
        var sparse = tree.First.Results[Array.FindIndex([.. tree.First.Rows], row => row.GetProperty("kind").GetString() == "sparse")];
        Assert.All(
            sparse.GetProperty("sparsity").EnumerateArray().Where(layer => layer.GetProperty("pruned").GetBoolean()),
            layer => Assert.Equal(layer.GetProperty("weights").GetInt64(), 2 * layer.GetProperty("zeros").GetInt64()));
    }

    [Fact]
    public void The_exported_file_predicts_as_the_frameworks_model_does() => Assert.All(tree.First.Results.Select(result => result.GetProperty("test")), test =>
    {
        Assert.Equal(test.GetProperty("frameworkTop1").GetDouble(), test.GetProperty("top1").GetDouble(), 0.001 + (1.0 / test.GetProperty("images").GetInt32()));
    });

    [Fact]
    public void Int8_stays_within_a_point_of_its_dense_ancestor_or_differs_by_chance() => Assert.All(
        tree.First.Rows.Where(row => row.GetProperty("kind").GetString() == "ptq" && row.GetProperty("parent").GetInt32() == 0),
        row =>
        {
            var test = row.GetProperty("result").GetProperty("test");
            Assert.True(test.GetProperty("difference").GetDouble() >= -0.01 || test.GetProperty("mcNemarP").GetDouble() > 0.05, row.GetProperty("path").GetString());
        });

    [Fact]
    public void Onnx_checker_accepts_every_exported_file()
    {
        Assert.SkipUnless(SystemPython.HasOnnx, "python3-onnx is not installed; infra/install-test-tools.sh installs it.");
        var stored = Directory.EnumerateFiles(tree.GridFolder, "*", SearchOption.AllDirectories).ToLookup(Path.GetFileNameWithoutExtension);
        var files = tree.First.ExportedFiles.Select(hash => Assert.Single(stored[hash])).ToArray();
        Assert.Equal(12, files.Length);
        Assert.Equal("12 accepted", SystemPython.CheckOnnx(files));
    }

    [Fact]
    public void The_csv_file_has_a_line_for_each_trial() => Assert.Equal(13, File.ReadAllText(tree.CsvFile).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);

    [Fact]
    public async Task A_second_run_executes_nothing_and_gives_the_same_results_within_seconds()
    {
        var clock = Stopwatch.StartNew();
        await using var run = await SparseGridProcess.Run(tree.Folder, "run", "tree.yaml", "--json");
        Assert.Equal(0, run.ExitCode);
        var second = new SweepRun(run.Document);
        Assert.Equal(0, second.ExecutedInAll);
        Assert.All(second.Rows.Select(row => row.GetProperty("reused").GetBoolean()), Assert.True);
        Assert.Equal(tree.First.Results.Select(result => result.GetRawText()), second.Results.Select(result => result.GetRawText()));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task The_plan_of_a_finished_sweep_has_nothing_left_to_train()
    {
        await using var plan = await SparseGridProcess.Run(tree.Folder, "plan", "tree.yaml");
        Assert.Equal(0, plan.ExitCode);
        Assert.Contains("12 trials, 12 distinct variants, 12 done already; 0 epochs to train", plan.Output);
    }

    [Fact]
    public async Task The_same_seed_in_another_folder_makes_bit_identical_artifacts()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tree.yaml", Specs.Tree());
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "tree.yaml", "--json");
        Assert.Equal(0, run.ExitCode);
        var other = new SweepRun(run.Document);
        Assert.Equal(tree.First.Artifacts, other.Artifacts);
        foreach (var artifact in other.Artifacts)
            TestContext.Current.TestOutputHelper?.WriteLine(artifact);
    }

    [Fact]
    public async Task Another_sweep_over_the_same_recipes_reuses_all_variants()
    {
        File.WriteAllText(Path.Combine(tree.Folder, "again.yaml"), Specs.Tree(name: "again"));
        await using var run = await SparseGridProcess.Run(tree.Folder, "run", "again.yaml", "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(0, new SweepRun(run.Document).ExecutedInAll);
    }
}
