using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
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
    public void Says_that_a_variant_diverged() =>
        Assert.Contains("diverged  dense (00ab00ab)", Text([Row(0, "dense", VariantKind.Dense, -1, 0.1, 0, 0.4, 1000, diverged: true)], Status()));

    [Fact]
    public void Without_a_finished_trial_there_is_no_table_but_a_last_line()
    {
        var lines = ResultReport.Lines(Spec(), Status(SweepState.Stopped, waiting: 3, finished: 0), [], Recommendation.Of([], []));
        Assert.Contains("sweep   digits: 0 of 3 trials finished (0 reused), 0 failed, 3 left, stopped, 1:23", lines);
        Assert.Equal("No variant can be recommended: none has a finished result.", lines[^1]);
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
