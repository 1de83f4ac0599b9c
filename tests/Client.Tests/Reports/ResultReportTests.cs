using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;
using static SparseGrid.Client.Tests.Sample;

namespace SparseGrid.Client.Tests.Reports;

public sealed class ResultReportTests
{
    private static readonly Goal[] Goals = [new("accuracy_drop", 1), new("latency_ratio", 0.8)];

    private static string Text(IReadOnlyList<TrialRow> rows, SweepStatus status, params Goal[] goals) =>
        string.Join('\n', ResultReport.Lines(Spec(goals), status, rows, Recommendation.Of(rows, goals)));

    [Fact]
    public void Shows_what_is_the_same_in_the_heading_and_what_varies_in_columns() => Assert.Equal(
        """

        sweep   digits: 3 of 3 trials finished (0 reused), 0 failed, 1:23
        device  Some CPU; libtorch 2.10.0, onnxruntime 1.31.1
        model   resnet8; seed 7; cpu, 1 thread a slot
        top-1   of the exported file in onnxruntime, 360 test images; latency: batch 1, 1 thread, 200 runs, interleaved with dense FP32
        goals   on 216 validation images: accuracy drop at most 1 points, latency ratio at most 0.8

        variant      top-1 %      vs dense, points      p  median ms  p99 ms  speed-up    KiB  zeros %  mism.  goals  id
        ───────────  ───────  ────────────────────  ─────  ─────────  ──────  ────────  ─────  ───────  ─────  ─────  ────────
        dense          97.50              baseline             0.400   0.600     1.00x  300.0        –      0  ✓✗     00ab00ab
          sparse       97.22  -0.28 [-1.28, +0.22]  0.250      0.400   0.600     1.00x  300.0     50.0      0  ✓✗     10ab10ab
            ptq max    96.67  -0.83 [-1.83, -0.33]  0.250      0.160   0.240     2.50x   90.0     50.0      2  ✓✓     20ab20ab
        [95 % interval of the paired difference], p McNemar, zeros % of the pruned layers' exported weights, mism. test images predicted otherwise than by the framework's model

        Not pruned: stem (16x1x3x3): C is 1, not a multiple of 16.
        Why sparse is not faster: 2 of 2 pruned layers, over all sparse variants, run dense kernels: ONNX Runtime has no 2:4 kernel.
        Deploy dense/sparse/ptq max (20ab20ab): the only variant that meets all goals, median 0.160 ms, 2.50x dense FP32, 90.0 KiB, validation top-1 96.67 % (accuracy drop 0.833 points, goal 1, latency ratio 0.4, goal 0.8).
        """.ReplaceLineEndings("\n"), Text(ThreeRows(), Status(), Goals));

    [Fact]
    public void The_table_fits_into_120_columns() =>
        Assert.All(TextTable.Lines(ResultTable.Columns(ThreeRows(), Goals)), line => Assert.InRange(line.Length, 1, 120));

    [Fact]
    public void Moves_constant_columns_into_the_heading()
    {
        var text = Text([ThreeRows()[0], ThreeRows()[0] with { Index = 1 }], Status());
        Assert.Contains("check   each exported file differs from the framework's model on 0 test images", text);
        Assert.Contains("sparse  no variant has pruned layers", text);
        Assert.DoesNotContain("mism.", text);
        Assert.DoesNotContain("zeros %", text);
    }

    [Fact]
    public void Replicates_have_a_table_of_means_with_n()
    {
        var text = Text([ThreeRows()[0], Row(1, "dense #2", VariantKind.Dense, -1, 0.985, 0, 0.4, 307200) with { Seed = 8 }], Status());
        Assert.Contains("\nover seeds  n       top-1 %  vs dense, points      speed-up\n", text);
        Assert.Contains("\ndense       2  98.00 ± 0.71       0.00 ± 0.00  1.00x ± 0.00\n", text);
        Assert.DoesNotContain("over seeds", Text(ThreeRows(), Status()));
    }

    [Fact]
    public void Marks_reused_rows_where_others_are_not()
    {
        var rows = ThreeRows().SetItem(0, ThreeRows()[0] with { Reused = true });
        Assert.Contains("00ab00ab r\n", Text(rows, Status()));
        Assert.Contains(", r reused\n", Text(rows, Status()));
        Assert.DoesNotContain("ab r\n", Text([.. rows.Select(row => row with { Reused = true })], Status()));
    }

    [Fact]
    public void Lists_failed_trials_with_their_reason_on_one_line()
    {
        var text = Text([.. ThreeRows(), Failed(3, "dense/qat max", 0, "The disk is full.\n  Free 2 GiB.")], Status(trials: 4, failed: 1));
        Assert.Contains("failed  dense/qat max (30ab30ab): The disk is full. Free 2 GiB.\n", text);
        Assert.Contains("3 of 4 trials finished (0 reused), 1 failed", text);
    }

    [Fact]
    public void Marks_a_diverged_variant_says_why_and_judges_nothing_that_is_made_from_it()
    {
        var row = Row(0, "dense", VariantKind.Dense, -1, 0.1, 0, 0.4, 1000, diverged: true);
        var dense = Noted(row, "train", "The training diverged in epoch 1: its loss was NaN.");
        var text = Text([dense, ThreeRows()[1]], Status(), Goals);
        Assert.Contains("\ndense (diverged)  ", text);
        Assert.DoesNotContain("✓", text);
        Assert.Contains(
            "\ndiverged  dense (00ab00ab): The training diverged in epoch 1: its loss was NaN. 1 variant made from it is no candidate either.\n", text);
        Assert.DoesNotContain("note  ", text);
        Assert.EndsWith("diverged. Try a lower learning rate.", text);
    }

    [Fact]
    public void Prints_each_remark_of_a_stage_once_and_leaves_layers_that_stay_dense_to_their_own_line()
    {
        var rows = ThreeRows().Select(row => Noted(row, "measure", "The clock\n is slow.")).ToArray();
        rows[1] = Noted(rows[1], "prune", "stem (16x1x3x3) stays dense: C is 1, not a multiple of 16.");
        var lines = Text(rows, Status()).Split('\n');
        Assert.Single(lines, "note  The clock is slow.");
        Assert.Single(lines, line => line.StartsWith("note  ", StringComparison.Ordinal));
        Assert.Single(lines, "Not pruned: stem (16x1x3x3): C is 1, not a multiple of 16.");
    }

    [Fact]
    public void Names_eight_layers_that_stay_dense_at_most()
    {
        var sparse = ThreeRows()[1];
        LayerSparsity Dense(int layer) => new($"l{layer}", "4x4", 16, 0, false, false, false, "K is 4, not a multiple of 8; C is 4, not a multiple of 16");
        var layers = sparse.Result!.Sparsity.Where(layer => layer.Pruned).Concat(Enumerable.Range(0, 10).Select(Dense));
        var row = sparse with { Result = sparse.Result with { Sparsity = [.. layers] } };
        var line = NotPruned.Line([row, row]);
        Assert.StartsWith("Not pruned: l0 (4x4): K is 4, not a multiple of 8 and C is 4, not a multiple of 16; l1 (4x4): ", line);
        Assert.EndsWith("; and 2 other layers, all in --json.", line);
        Assert.Null(NotPruned.Line([ThreeRows()[0]]));
    }

    [Theory]
    [InlineData("tensorrt", "fold", "dialect tensorrt")]
    [InlineData("ort", "keep", "bn keep")]
    public void Warns_of_files_whose_convolutions_the_runtime_computes_in_float(string dialect, string norm, string why)
    {
        var row = ThreeRows()[2];
        var slow = row with { Result = row.Result! with { Recipe = row.Result!.Recipe with { Stages = [new ExportStage(13, norm, new(dialect))] } } };
        Assert.Equal(
            $"caution  1 INT8 variant with {why}: onnxruntime computes their convolutions in float, measured at 2.50x dense FP32. "
            + "To deploy on onnxruntime take dialect ort and bn fold.",
            FloatCaveat.Line([slow], "onnxruntime"));
        Assert.Null(FloatCaveat.Line([slow], "tensorrt"));
        var fast = row with { Result = row.Result! with { Recipe = row.Result!.Recipe with { Stages = [new ExportStage(13, "fold", new("ort"))] } } };
        Assert.Null(FloatCaveat.Line([fast, ThreeRows()[0]], "onnxruntime"));
    }

    [Fact]
    public void Tells_a_failure_once_for_all_trials_that_it_stops()
    {
        var lines = Unfinished.Lines([
            Failed(0, "dense", -1, "No GPU."), Failed(1, "dense/sparse", 0, "its parent failed: No GPU."),
            Failed(2, "dense/ptq", 1, "its ancestor failed: No GPU."), Failed(3, "dense #2", -1, "No GPU.")]);
        Assert.Equal(["failed  dense (00ab00ab) and 1 other: No GPU. 2 trials that start from it did not run."], lines);
    }

    [Fact]
    public void Says_how_to_go_on_where_the_budget_is_used_up()
    {
        var spec = Spec() with { Budget = new(TimeSpan.FromSeconds(90), 3) };
        var lines = ResultReport.Lines(spec, Status(SweepState.BudgetReached, trials: 5, waiting: 2), ThreeRows(), Recommendation.Of(ThreeRows(), []));
        Assert.Contains(
            "Budget of this run reached: 2 trials left; run the same command again for as much once more, or raise budget.wall (1:30) or budget.trials (3) in the spec.", lines);
    }

    [Theory]
    [InlineData(120)]
    [InlineData(80)]
    [InlineData(50)]
    public void Fits_a_terminal_of_any_usual_width_and_says_which_columns_it_left_out(int width)
    {
        var lines = ResultReport.Lines(Spec(Goals), Status(), ThreeRows(), Recommendation.Of(ThreeRows(), Goals), width);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        var left = string.Join(' ', lines.Where(line => !line.Contains('─')).Select(line => line.Trim()));
        Assert.Equal(width < 120, left.Contains("Left out at this width: "));
        Assert.Contains("speed-up", left);
    }

    private static TrialRow Noted(TrialRow row, string stage, string note)
    {
        var stages = row.Result!.Stages;
        var noted = stages.FirstOrDefault(record => record.Kind == stage) ?? stages[0] with { Kind = stage };
        return row with { Result = row.Result with { Stages = stages.Remove(noted).Add(noted with { Notes = [note] }) } };
    }

    [Fact]
    public void Without_a_finished_trial_there_is_no_table_but_a_last_line()
    {
        var lines = ResultReport.Lines(Spec(), Status(SweepState.Stopped, waiting: 3, finished: 0), [], Recommendation.Of([], []));
        Assert.Contains("sweep   digits: 0 of 3 trials finished (0 reused), 0 failed, 3 left, stopped, 1:23", lines);
        Assert.Equal("No variant can be recommended: none has a finished result.", lines[^1]);
    }

    [Fact]
    public void A_sweep_on_a_gpu_says_what_ran_where_and_over_which_baseline_and_which_layers_ran_sparse()
    {
        var rows = ThreeRows().Select(row => row with { Result = row.Result! with { Latency = row.Result.Latency with { Baseline = "dense FP16" } } }).ToArray();
        rows[2] = rows[2] with { Result = rows[2].Result! with { Sparsity = [.. rows[2].Result!.Sparsity.Select(layer => layer with { SparseKernel = layer.Pruned, Why = "2:4 is faster" })] } };
        var lines = ResultReport.Lines(Spec() with { Measure = new("cuda-int8", Runs: 200) }, Status(), rows, Recommendation.Of(rows, []));
        Assert.Contains("top-1   of the exported file in cuda-int8, files of floats in onnxruntime, 360 test images; latency: batch 1, 200 runs, interleaved with dense FP16", lines);
        Assert.Contains("2:4: 1 of 2 pruned layers, over all sparse variants, run sparse kernels, the others dense ones: ONNX Runtime has no 2:4 kernel.", lines);
        Assert.Contains("2.50x dense FP16", lines[^1]);
    }

    [Fact]
    public void An_exported_layer_that_is_not_two_four_is_said_loudly()
    {
        var sparse = ThreeRows()[1];
        var broken = sparse with { Result = sparse.Result! with { Sparsity = [.. sparse.Result!.Sparsity.Select(layer => layer with { MaskValid = false })] } };
        Assert.StartsWith("Why sparse is not faster: 1 of 1 pruned layers are NOT 2:4 in the exported file; ", SparsityVerdict.Line([broken]));
        Assert.Null(SparsityVerdict.Line([ThreeRows()[0]]));
    }
}
