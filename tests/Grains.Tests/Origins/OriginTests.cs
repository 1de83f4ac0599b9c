using SparseGrid.Contracts.Origins;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Origins;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Origins;

public sealed class OriginTests
{
    [Fact]
    public async Task The_tree_of_a_finished_variant_has_the_keys_that_were_run_and_names_what_each_stage_takes_from_whom()
    {
        await using var grid = await TestGrid.Start(slots: 2);
        var sweep = await Finished(grid, Specs.Tree("tree", "max", "mse"));

        var origin = (await sweep.Origin(2))!;

        Assert.Equal(("dense/sparse/ptq max", TrialState.Finished, false), (origin.Path, origin.State, origin.Reused));
        Assert.Equal(
            [
                "dense train", "dense export", "dense evaluate", "dense/sparse prune", "dense/sparse finetune", "dense/sparse/ptq max collect", "dense/sparse/ptq max calibrate",
                "dense/sparse/ptq max export", "dense/sparse/ptq max evaluate", "dense/sparse/ptq max evaluate", "dense/sparse/ptq max compare", "dense/sparse/ptq max measure",
            ],
            origin.Stages.Select(stage => $"{stage.Path} {stage.Kind}"));
        Assert.All(origin.Stages, stage => Assert.Contains(grid.Runner.Runs, run => run.Key == stage.Key));
        Assert.All(origin.Stages, stage => Assert.Equal(stage.Key, stage.Record!.Key));
        Assert.Equal(
            ["onnx of export 2", "baseline of export 1"],
            origin.Stages[^1].Inputs.Select(input => $"{input.Role} of {origin.Stages[input.MadeBy].Kind} {(origin.Stages[input.MadeBy].Path == "dense" ? 1 : 2)}"));
        Assert.All(origin.Stages.SelectMany(stage => stage.Inputs), input => Assert.Contains(input.Hash, origin.Stages[input.MadeBy].Record!.Artifacts.Values));
        Assert.All(Enumerable.Range(0, 12), index => Assert.Equal("made for this sweep", StageHistory.Of(origin, index)));
    }

    [Fact]
    public async Task What_is_not_made_yet_has_a_key_only_where_its_inputs_are_made()
    {
        await using var grid = await TestGrid.Start();
        using var hold = new ManualResetEventSlim();
        grid.Runner.Hold<PruneStage>(hold);
        var sweep = grid.Sweep("held");
        await sweep.Submit(Specs.Tree("held", "max"));
        await Until.True(() => grid.Runner.Count("prune") == 1);

        var origin = (await sweep.Origin(2))!;

        Assert.Equal(["train", "export", "evaluate", "prune"], origin.Stages.Where(stage => stage.Key is not null).Select(stage => stage.Kind));
        Assert.Equal("not made yet", StageHistory.Of(origin, 3));
        Assert.Equal("not made yet, and neither are its inputs", StageHistory.Of(origin, 4));
        Assert.Null(await sweep.Origin(4));
        Assert.Null(await sweep.FormerOrigin("dense"));
        Assert.Null(await grid.Sweep("unknown").Origin(0));
        hold.Set();
        await Until.Ended(sweep);
    }

    [Fact]
    public async Task Two_variants_of_one_parent_differ_first_in_the_parameter_that_makes_them_two()
    {
        await using var grid = await TestGrid.Start(slots: 2);
        var sweep = await Finished(grid, Specs.Tree("methods", "max", "mse"));
        var (max, mse) = ((await sweep.Origin(2))!, (await sweep.Origin(3))!);

        var difference = FirstDifference.Between(max, mse)!;

        Assert.Equal("calibrate of dense/sparse/ptq max: calibrate.method: \"max\" → \"mse\"", difference.Told(max, mse));
        Assert.Equal("collect", difference.Shared[^1].Kind);
        Assert.Equal(["calibrate", "export", "evaluate", "evaluate", "compare", "measure"], difference.Follows.Select(stage => stage.Split(' ')[0]));
        Assert.Null(FirstDifference.Between(max, max));
    }

    [Fact]
    public async Task Variants_of_other_parents_differ_first_where_one_has_another_stage()
    {
        await using var grid = await TestGrid.Start(slots: 2);
        var sweep = await Finished(grid, Specs.Tree("parents", "max"));
        var (sparse, dense) = ((await sweep.Origin(2))!, (await sweep.Origin(3))!);

        var difference = FirstDifference.Between(sparse, dense)!;

        Assert.Equal(("prune", "collect"), (difference.Left!.Kind, difference.Right!.Kind));
        Assert.Contains("dense/sparse/ptq has prune of dense/sparse, dense/ptq has collect of dense/ptq", difference.Told(sparse, dense));
    }

    [Fact]
    public async Task After_a_changed_spec_it_is_told_what_was_not_reused_and_why()
    {
        await using var grid = await TestGrid.Start(slots: 2);
        var spec = Specs.Tree("changed", "max");
        await Finished(grid, spec);
        var sweep = await Finished(grid, spec with { Variants = spec.Variants with { Sparse = new(["m4n2_1d"], [new(Epochs: 3)], [new()]) } });

        var (now, former) = ((await sweep.Origin(1))!, (await sweep.FormerOrigin("dense/sparse"))!);

        var difference = FirstDifference.Between(now, former)!;
        Assert.Equal("finetune of dense/sparse: finetune.settings.epochs: 3 → 1", difference.Told(now, former));
        Assert.Equal("reused: made before this sweep was submitted", StageHistory.Of(now, 0));
        var finetune = now.Stages.Single(stage => stage.Kind == "finetune");
        Assert.Equal("made for this sweep", StageHistory.Of(now, now.Stages.IndexOf(finetune)));
        Assert.NotNull(former.Stages.Single(stage => stage.Kind == "finetune").Record);
    }

    [Fact]
    public async Task After_the_data_have_changed_they_are_named_and_the_same_spec_again_keeps_what_it_was_before()
    {
        await using var grid = await TestGrid.Start(slots: 2);
        var spec = Specs.Tree("data", "max");
        await Finished(grid, spec);
        grid.Surroundings.Digest = new('e', 64);
        await Finished(grid, spec);
        var sweep = await Finished(grid, spec);

        var difference = FirstDifference.Between((await sweep.Origin(3))!, (await sweep.FormerOrigin("dense/ptq"))!)!;

        Assert.StartsWith("data.digest: \"eeee", difference.Members[0]);
        Assert.Empty(difference.Shared);
    }

    [Fact]
    public async Task A_stage_that_ran_again_since_its_artifact_was_lost_is_told_apart()
    {
        await using var grid = await TestGrid.Start(slots: 2);
        var spec = Specs.Tree("lost", "max");
        var sweep = await Finished(grid, spec);
        var train = (await sweep.Origin(0))!.Stages[0];
        File.Delete(new FolderArtifactStore(grid.Folder).Locate(train.Record!.Artifacts["weights"]));

        Assert.Contains("missing now: weights, so it runs again when it is needed", StageHistory.Of((await sweep.Origin(0))!, 0));
        sweep = await Finished(grid, spec);

        Assert.Contains("made again after export of dense, which takes from it: its record or an artifact had been lost", StageHistory.Of((await sweep.Origin(0))!, 0));
    }

    [Fact]
    public void Stages_that_differ_only_in_the_bytes_they_take_are_told_by_those()
    {
        var (left, right) = (Origin("one", 'a'), Origin("two", 'b'));

        var difference = FirstDifference.Between(left, right)!;

        Assert.Equal("export of one: input weights: aaaaaaaaaaaa… → bbbbbbbbbbbb…", difference.Told(left, right));
    }

    private static VariantOrigin Origin(string path, char hash) => new(
        "sweep", default, 0, path, new(new(hash, 64)), TrialState.Waiting, false, Identity.Samples.Dense,
        [new(path, "export", new(hash, 64), """{"stage":{"stage":"export"}}""", [new("weights", new(hash, 64), 0)], null, [])]);

    private static async Task<Contracts.Grains.ISweepGrain> Finished(TestGrid grid, SweepSpec spec)
    {
        var sweep = grid.Sweep(spec.Sweep);
        Assert.True((await sweep.Submit(spec)).Accepted);
        Assert.Equal(SweepState.Finished, (await Until.Ended(sweep)).State);
        return sweep;
    }
}
