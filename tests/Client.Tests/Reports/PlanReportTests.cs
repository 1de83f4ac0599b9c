using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;
using static SparseGrid.Client.Tests.Sample;

namespace SparseGrid.Client.Tests.Reports;

public sealed class PlanReportTests
{
    [Fact]
    public void Shows_the_tree_and_the_bill_with_and_without_reuse()
    {
        var plan = new SweepPlan("digits",
        [
            new(0, "dense", VariantKind.Dense, Id(0), -1, 7, Done: true, 30, "train, export, evaluate, measure"),
            new(1, "dense/sparse", VariantKind.Sparse, Id(1), 0, 7, Done: false, 10, "prune, finetune, export, evaluate, measure"),
            new(2, "dense/ptq max", VariantKind.Ptq, Id(2), 0, 7, Done: false, 0, "collect, calibrate, export, evaluate, measure"),
            new(3, "dense/sparse/ptq max", VariantKind.Ptq, Id(3), 1, 7, Done: false, 0, "collect, calibrate, export, evaluate, measure"),
        ]);
        Assert.Equal(
            """
            sweep digits

            #  variant      kind    seed  id        epochs  done  stages
            ─  ───────────  ──────  ────  ────────  ──────  ────  ─────────────────────────────────────────────
            0  dense        dense      7  00ab00ab      30  yes   train, export, evaluate, measure
            1    sparse     sparse     7  10ab10ab      10  no    prune, finetune, export, evaluate, measure
            3      ptq max  ptq        7  30ab30ab       0  no    collect, calibrate, export, evaluate, measure
            2    ptq max    ptq        7  20ab20ab       0  no    collect, calibrate, export, evaluate, measure

            4 trials, 4 distinct variants, 1 done already; 10 epochs to train, 140 if every variant were trained from scratch by itself
            """.ReplaceLineEndings("\n"), string.Join('\n', PlanReport.Lines(plan)));
    }

    [Fact]
    public void A_network_of_the_users_own_stands_above_the_tree_with_what_its_import_had_to_say()
    {
        var model = new PlannedModel(
            new(ModelSettings.Imported, Given: new(new('8', 64), new('9', 64))), "mine.onnx", new('1', 64), "3x32x32", 10, 6, 1_234_567, ["The Softmax at the end was left out.", "Two\nlines."]);
        Assert.Equal(
            [
                "sweep own", $"model mine.onnx, SHA-256 {new string('1', 64)}: 6 layers with weights, 1,234,567 parameters, images of 3x32x32, 10 classes",
                "  The Softmax at the end was left out.", "  Two lines.", "",
            ],
            PlanReport.Lines(new("own", [], model)).Take(5));
    }

    [Fact]
    public void Of_thousands_of_trials_the_first_are_shown_and_all_are_counted()
    {
        var plan = new SweepPlan("large", [.. Enumerable.Range(0, 10_000).Select(index => new PlannedTrial(index, $"dense lr={index}", VariantKind.Dense, Id(index), -1, 7, false, 2, "train"))]);

        var lines = PlanReport.Lines(plan);

        Assert.True(lines.Length < 220, $"{lines.Length} lines");
        Assert.Contains("… and 9800 trials more; --json lists them all", lines);
        Assert.StartsWith("10000 trials, 10000 distinct variants, 0 done already; 20000 epochs to train", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_variant_that_two_trials_share_is_trained_once()
    {
        var plan = new SweepPlan("digits", [.. Enumerable.Range(0, 2).Select(index => new PlannedTrial(index, "dense", VariantKind.Dense, Id(0), -1, 7, false, 30, "train"))]);
        Assert.EndsWith("2 trials, 1 distinct variant, 0 done already; 30 epochs to train, 60 if every variant were trained from scratch by itself", PlanReport.Lines(plan)[^1]);
    }
}
