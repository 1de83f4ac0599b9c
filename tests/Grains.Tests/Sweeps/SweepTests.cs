using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Sweeps;

public sealed class SweepTests
{
    private static readonly string[] Methods = ["max", "entropy", "percentile", "mse"];

    [Fact]
    public async Task Runs_every_variant_of_a_tree_on_one_slot_and_parents_first()
    {
        await using var grid = await TestGrid.Start();
        var sweep = grid.Sweep("tree");

        var answer = await sweep.Submit(Specs.Tree("tree", "max", "entropy"));
        Assert.True(answer.Accepted, answer.Reason);
        var status = await Until.Ended(sweep);

        Assert.Equal(SweepState.Finished, status.State);
        Assert.Equal((6, 6, 0, 0, 0), (status.Trials, status.Finished, status.Waiting, status.Failed, status.Reused));
        Assert.Equal(1, grid.Runner.MostAtOnce);
        Assert.NotNull(status.Ended);
        var rows = await sweep.Rows(0, 500);
        Assert.All(rows, row => Assert.Equal(row.Variant, row.Result!.Variant));
        Assert.All(rows, row => Assert.Equal(3, row.Result!.Stages.Count(stage => stage.Kind is "evaluate" or "measure")));
        Assert.Equal([1, 2, 3, 4], rows.Where(row => row.Parent >= 0).Select(row => row.Index).Take(4));
        Assert.Equal(1, grid.Runner.Count("train"));
        Assert.Equal(1, grid.Runner.Count("finetune"));
        Assert.Equal(6, grid.Runner.Count("measure"));
        var baseline = rows[0].Result!.Artifact("onnx");
        Assert.All(grid.Runner.Runs.Where(run => run.Stage is MeasureStage), run => Assert.Equal(baseline, run.Inputs["baseline"]));
        Assert.Equal(grid.Runner.Runs.Count, status.StagesExecuted.Values.Sum());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Four_calibrations_of_one_parent_collect_once(int slots)
    {
        await using var grid = await TestGrid.Start(slots);
        var sweep = grid.Sweep("calibrations");

        await sweep.Submit(Specs.Tree("calibrations", Methods));
        var status = await Until.Ended(sweep);

        Assert.Equal(10, status.Finished);
        Assert.Equal(2, grid.Runner.Count("collect"));
        Assert.Equal((2, 6), (status.StagesExecuted["collect"], status.StagesReused["collect"]));
        Assert.Equal(8, grid.Runner.Count("calibrate"));
        Assert.False(grid.Runner.MeasuredInCompany);
    }

    [Fact]
    public async Task The_same_spec_again_runs_nothing()
    {
        await using var grid = await TestGrid.Start();
        var sweep = grid.Sweep("again");
        await sweep.Submit(Specs.Tree("again", "max"));
        var first = await Until.Ended(sweep);
        var executed = grid.Runner.Runs.Count;

        var answer = await sweep.Submit(Specs.Tree("again", "max"));

        Assert.True(answer.Accepted, answer.Reason);
        var status = await sweep.Status();
        Assert.Equal((SweepState.Finished, 4, 4), (status.State, status.Finished, status.Reused));
        Assert.Empty(status.StagesExecuted);
        Assert.Equal(executed, grid.Runner.Runs.Count);
        Assert.True(status.Revision > first.Revision);
        Assert.All(await sweep.Rows(0, 10), row => Assert.True(row.Reused && row.Result is not null));
    }

    [Fact]
    public async Task A_sweep_whose_data_have_changed_says_so_and_runs_anew()
    {
        await using var grid = await TestGrid.Start();
        var sweep = grid.Sweep("changed");
        Assert.Null((await sweep.Submit(Specs.Tree("changed", "max"))).Caution);
        await Until.Ended(sweep);
        grid.Surroundings.Digest = new('e', 64);

        var answer = await sweep.Submit(Specs.Tree("changed", "max"));

        Assert.Equal(
            "the data have changed since sweep 'changed' was submitted last: their digest was dddddddddddd…, it is eeeeeeeeeeee…. "
            + "All its variants are new ones; results from the former data are kept for them.", answer.Caution);
        Assert.Equal((4, 0), ((await Until.Ended(sweep)).Finished, (await sweep.Status()).Reused));
        Assert.Null((await sweep.Submit(Specs.Tree("changed", "max"))).Caution);
    }

    [Fact]
    public async Task A_sweep_whose_model_file_has_changed_says_so_and_runs_anew_and_one_that_was_renamed_does_not()
    {
        await using var grid = await TestGrid.Start();
        var sweep = grid.Sweep("own");
        var spec = Specs.Tree("own", "max") with { Source = new(File: "/a/net.onnx") };
        PlannedModel Holding(char weights, string file) => new(new(ModelSettings.Imported, Given: new(new(weights, 64), new('9', 64))), file, new('1', 64), "1x8x8", 10, 6, 100, []);
        grid.Surroundings.Model = Holding('8', "net.onnx");
        Assert.Null((await sweep.Submit(spec)).Caution);
        await Until.Ended(sweep);
        Assert.Equal(Holding('8', "net.onnx").Settings, (await sweep.Rows(0, 1))[0].Result!.Recipe.Model);
        Assert.StartsWith("load, train, export, ", (await sweep.Plan(spec)).Trials[0].Stages, StringComparison.Ordinal);
        grid.Surroundings.Model = Holding('8', "renamed.onnx");
        Assert.Equal("all 4 trials are done already", (await sweep.Submit(spec with { Source = new(File: "/a/renamed.onnx") })).Reason);
        grid.Surroundings.Model = Holding('7', "renamed.onnx");

        var answer = await sweep.Submit(spec with { Source = new(File: "/a/renamed.onnx") });

        Assert.Equal(
            "/a/renamed.onnx has changed since sweep 'own' was submitted last: it holds another network or other weights. "
            + "All its variants are new ones; results of the former file are kept for it.", answer.Caution);
        Assert.Equal((4, 0), ((await Until.Ended(sweep)).Finished, (await sweep.Status()).Reused));
    }

    [Fact]
    public async Task A_second_sweep_over_the_same_variants_runs_nothing_and_its_plan_says_so()
    {
        await using var grid = await TestGrid.Start();
        await grid.Sweep("one").Submit(Specs.Tree("one", "max"));
        await Until.Ended(grid.Sweep("one"));
        var executed = grid.Runner.Runs.Count;

        var plan = await grid.Sweep("two").Plan(Specs.Tree("two", "max", "mse"));
        await grid.Sweep("two").Submit(Specs.Tree("two", "max"));

        Assert.Equal((6, 4), (plan.Variants, plan.Done));
        Assert.Equal(4, (await Until.Ended(grid.Sweep("two"))).Reused);
        Assert.Equal(executed, grid.Runner.Runs.Count);
    }

    [Fact]
    public async Task Reordered_channels_are_a_variant_of_their_own_whose_pruning_takes_the_reordered_weights()
    {
        await using var grid = await TestGrid.Start();
        var spec = Specs.Tree("reordered", "max");
        spec = spec with { Variants = spec.Variants with { Sparse = spec.Variants.Sparse! with { Permute = [new(), new("exhaustive-8")] } } };
        await grid.Sweep("reordered").Submit(spec);
        await Until.Ended(grid.Sweep("reordered"));

        Assert.Equal((1, 1, 2), (grid.Runner.Count("train"), grid.Runner.Count("permute"), grid.Runner.Count("prune")));
        var result = (await grid.Sweep("reordered").Rows(0, 10)).Single(row => row.Path == "dense/sparse permute=exhaustive-8").Result!;
        Assert.NotNull(result.Artifact("permutation"));
        Assert.Contains(
            grid.Runner.Runs, run => run.Stage is PruneStage && run.Inputs["weights"] == result.Stages.Single(stage => stage.Kind == "permute").Artifacts["weights"]);

        // The spec that the grid keeps is the one that was sent.
        await grid.Sweep("reordered").Submit(spec);
        Assert.Equal(spec.Variants.Count, (await Until.Ended(grid.Sweep("reordered"))).Reused);
    }

    [Fact]
    public async Task A_variant_that_fails_takes_its_children_along_and_no_other()
    {
        await using var grid = await TestGrid.Start();
        grid.Runner.Before = (request, _) =>
        {
            if (request.Stage is PruneStage)
                throw new StageFailedException("no layer is eligible; choose a wider network");
        };

        await grid.Sweep("failing").Submit(Specs.Tree("failing", "max"));
        var status = await Until.Ended(grid.Sweep("failing"));

        Assert.Equal((SweepState.Finished, 2, 2), (status.State, status.Finished, status.Failed));
        var rows = await grid.Sweep("failing").Rows(0, 10);
        var sparse = rows.Single(row => row.Kind == VariantKind.Sparse);
        var child = rows.Single(row => row.Parent == sparse.Index);
        Assert.Equal("no layer is eligible; choose a wider network", sparse.Failure);
        Assert.Equal("its parent failed: no layer is eligible; choose a wider network", child.Failure);
        Assert.All(rows.Where(row => row.Failure is null), row => Assert.Equal(TrialState.Finished, row.State));
    }

    [Fact]
    public async Task A_failure_is_not_kept_and_the_next_submission_succeeds()
    {
        await using var grid = await TestGrid.Start();
        var fails = true;
        grid.Runner.Before = (request, _) =>
        {
            if (fails && request.Stage is FinetuneStage)
                throw new InvalidOperationException("the merge was wrong");
        };
        await grid.Sweep("cured").Submit(Specs.Tree("cured", "max"));
        await Until.Ended(grid.Sweep("cured"));
        var sparse = (await grid.Sweep("cured").Rows(1, 1)).Single();
        Assert.Equal("InvalidOperationException: the merge was wrong", sparse.Failure);

        fails = false;
        await grid.Sweep("cured").Submit(Specs.Tree("cured", "max"));
        var status = await Until.Ended(grid.Sweep("cured"));

        Assert.Equal((4, 0, 2), (status.Finished, status.Failed, status.Reused));
        Assert.Equal((2, 1), (grid.Runner.Count("finetune"), grid.Runner.Count("prune")));
    }

    [Fact]
    public async Task Stop_keeps_a_checkpoint_and_a_new_submission_goes_on_from_it()
    {
        await using var grid = await TestGrid.Start();
        using var hold = new ManualResetEventSlim();
        grid.Runner.Hold<TrainStage>(hold);
        var sweep = grid.Sweep("stopped");
        await sweep.Submit(Specs.Tree("stopped", "max"));
        var running = await Until.True(sweep.Status, status => status.Variants.Any(variant => variant.Stage == "train"));
        Assert.Equal(("dense", 1, 2, "epochs"), (running.Variants[0].Path, running.Variants[0].Done, running.Variants[0].Total, running.Variants[0].Unit));

        await sweep.Stop(null);
        await sweep.Stop(null);
        var stopped = await Until.Ended(sweep);
        Assert.Equal((SweepState.Stopped, 4, 0), (stopped.State, stopped.Waiting, stopped.Failed));

        hold.Set();
        Assert.True((await sweep.Submit(Specs.Tree("stopped", "max"))).Accepted);
        Assert.Equal(4, (await Until.Ended(sweep)).Finished);
        Assert.Equal(2, grid.Runner.Count("train"));
        Assert.Equal(1, grid.Runner.Resumed["train"]);
        Assert.Empty(Directory.Exists(Path.Combine(grid.Folder, "checkpoints")) ? Directory.GetDirectories(Path.Combine(grid.Folder, "checkpoints")) : []);
    }

    [Fact]
    public async Task An_active_sweep_is_joined_by_its_own_spec_and_refuses_another_naming_the_difference()
    {
        await using var grid = await TestGrid.Start();
        using var hold = new ManualResetEventSlim();
        grid.Runner.Before = (_, stop) => hold.Wait(stop);
        var sweep = grid.Sweep("joined");
        var spec = Specs.Tree("joined", "max");
        await sweep.Submit(spec);

        var same = await sweep.Submit(Specs.Tree("joined", "max"));
        var other = await sweep.Submit(spec with { Seed = 7, Budget = new(Trials: 2) });
        grid.Surroundings.Digest = new('e', 64);
        var otherData = await sweep.Submit(spec);
        var misdirected = await grid.Sweep("elsewhere").Submit(spec);
        hold.Set();

        Assert.True(same.Accepted);
        Assert.StartsWith("joined", same.Reason);
        Assert.False(other.Accepted);
        Assert.Contains("seed: 1 → 7; budget.trials: nothing → 2", other.Reason);
        Assert.False(otherData.Accepted);
        Assert.False(misdirected.Accepted);
        await Until.Ended(sweep);
    }

    [Fact]
    public async Task A_spec_whose_data_cannot_be_read_is_refused_with_the_reason()
    {
        await using var grid = await TestGrid.Start();
        grid.Surroundings.Refusal = new InvalidDataException("digits.csv, line 3: 64 values and a label are needed, there are 12");

        var answer = await grid.Sweep("unreadable").Submit(Specs.Tree("unreadable", "max"));

        Assert.Equal(new SubmitAnswer(false, "digits.csv, line 3: 64 values and a label are needed, there are 12"), answer);
        Assert.Equal(SweepState.Unknown, (await grid.Sweep("unreadable").Status()).State);
    }

    [Fact]
    public async Task A_budget_of_trials_starts_no_more_of_them()
    {
        await using var grid = await TestGrid.Start(slots: 2);
        var sweep = grid.Sweep("frugal");

        await sweep.Submit(Specs.Tree("frugal", "max", "mse") with { Budget = new BudgetSettings(Trials: 3) });
        var status = await Until.Ended(sweep);

        Assert.Equal((SweepState.BudgetReached, 3, 3), (status.State, status.Finished, status.Waiting));
        await sweep.Submit(Specs.Tree("frugal", "max", "mse"));
        Assert.Equal((SweepState.Finished, 6, 3), ((await Until.Ended(sweep)).State, (await sweep.Status()).Finished, (await sweep.Status()).Reused));
    }

    [Fact]
    public async Task Replicates_run_with_seeds_of_their_own_and_two_sweeps_share_what_they_have_in_common()
    {
        await using var grid = await TestGrid.Start(slots: 4);
        var (one, two) = (grid.Sweep("one"), grid.Sweep("two"));

        await Task.WhenAll(
            one.Submit(Specs.Tree("one", Methods) with { Replicates = 2 }),
            two.Submit(Specs.Tree("two", Methods)));
        var (first, second) = (await Until.Ended(one), await Until.Ended(two));

        Assert.Equal((20, 10), (first.Finished, second.Finished));
        Assert.Equal(2, grid.Runner.Count("train"));
        Assert.Equal(20, grid.Runner.Count("measure"));
        Assert.Equal(4, grid.Runner.Count("collect"));
    }

    [Fact]
    public async Task A_repeated_or_stale_report_changes_nothing()
    {
        await using var grid = await TestGrid.Start();
        using var hold = new ManualResetEventSlim();
        grid.Runner.Before = (_, stop) => hold.Wait(stop);
        var sweep = grid.Sweep("reports");
        await sweep.Submit(Specs.Tree("reports", "max"));
        var running = await Until.True(sweep.Status, status => status.Variants.Length == 1);
        var variant = running.Variants[0].Variant;
        var grain = grid.Grains.GetGrain<IVariantGrain>(variant.Value);

        var ahead = new VariantReport(variant, 1, 1_000_000, null, null, ["train"], [], "elsewhere");
        await sweep.VariantReached(ahead);
        await sweep.VariantReached(ahead);
        await sweep.VariantReached(ahead with { Sequence = 999_999, Outcome = new(RunEnd.Failed, "too late") });
        var stale = await grain.Report(ahead with { Epoch = 0, Outcome = new(RunEnd.Failed, "an older run") });

        var status = await sweep.Status();
        Assert.Equal(1, status.StagesExecuted["train"]);
        Assert.Equal((1, 0), (status.Running, status.Failed));
        Assert.False(stale);
        hold.Set();
    }
}
