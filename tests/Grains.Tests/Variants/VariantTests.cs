using System.Text.Json;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.States;
using SparseGrid.Grains.Tests.Doubles;
using SparseGrid.Grains.Variants;

namespace SparseGrid.Grains.Tests.Variants;

public sealed class VariantTests
{
    [Fact]
    public async Task A_sweep_that_cannot_be_told_holds_up_neither_the_run_nor_another_sweep_that_watches_it()
    {
        var told = 0;
        await using var grid = await TestGrid.Start(slots: 2, around: context =>
        {
            if (context is { MethodName: nameof(IVariantGrain.Report), Grain: IVariantGrain })
                Interlocked.Increment(ref told);
            return context is { MethodName: nameof(ISweepGrain.VariantsReached), Grain: ISweepGrain } && context.TargetId.Key.ToString() == "broken"
                ? throw NewerStateException.Of("sweep", 99, 2)
                : context.Invoke();
        });
        using var hold = new ManualResetEventSlim();
        grid.Runner.Hold<TrainStage>(hold);
        await grid.Sweep("broken").Submit(Specs.Tree("broken", "max"));
        await Until.True(() => grid.Runner.Count("train") == 1);
        var whole = grid.Sweep("whole");
        await whole.Submit(Specs.Tree("whole", "max"));
        await Until.True(whole.Status, status => status.Variants.Length == 1);

        // Some report periods later the run has to ask whether it still owns its variant.
        var before = told;
        await Until.True(() => told > before + 2);
        hold.Set();

        var ended = await Until.Ended(whole);
        Assert.Equal((4, 0), (ended.Finished, ended.Failed));
    }

    [Fact]
    public void A_run_ends_when_the_last_sweep_that_wants_it_has_left()
    {
        var both = new VariantState().Begun("one", "silo").Joined("two");

        Assert.False(both.Left("one").Unwanted);
        Assert.True(both.Left("one").Left("two").Unwanted);
        Assert.False(both.Left("one").Left("two").Joined("one").Unwanted);
        Assert.False(both.Left("three").Left("one").Unwanted);
    }

    [Fact]
    public void A_new_run_keeps_the_watchers_of_a_lost_one_and_forgets_those_of_an_ended_one()
    {
        var lost = new VariantState().Begun("one", "silo").Begun("two", "other silo");
        Assert.Equal((2, "one two"), (lost.Epoch, string.Join(' ', lost.Watchers)));

        var next = lost.Ended().Begun("three", "silo");
        Assert.Equal((3, "three"), (next.Epoch, string.Join(' ', next.Watchers)));
    }

    [Fact]
    public void Runs_that_are_lost_in_a_row_are_counted_until_one_tells_how_it_ended()
    {
        var variant = new VariantState().Begun("one", "a");
        Assert.False(variant.LostTooOften(2));
        variant = variant.Begun("one", "b");
        Assert.Equal((1, true), (variant.Lost, variant.LostTooOften(2)));

        variant = variant.Ended().Begun("one", "c");
        Assert.Equal((0, false), (variant.Lost, variant.LostTooOften(2)));
        Assert.False(new VariantState().LostTooOften(1));
    }

    [Fact]
    public async Task A_variant_whose_silos_are_lost_again_and_again_fails_instead_of_taking_down_the_next()
    {
        await using var grid = await TestGrid.Start();
        var sweep = grid.Sweep("deadly");
        var plan = await sweep.Plan(Specs.Tree("deadly", "max"));
        var variant = grid.Grains.GetGrain<IVariantGrain>(plan.Trials[0].Variant.Value);
        var lost = new VariantState(9, true, SiloAddress.New(new(global::System.Net.IPAddress.Loopback, 1), 1).ToParsableString(), ["deadly"], [], Lost: 9);
        grid.Storage.Put("variant", variant.GetGrainId(), JsonSerializer.SerializeToUtf8Bytes(lost, StoredStates.Json));

        await sweep.Submit(Specs.Tree("deadly", "max"));
        var status = await Until.Ended(sweep);
        var row = (await sweep.Rows(0, 1))[0];

        Assert.Equal((4, 0), (status.Failed, grid.Runner.Count("train")));
        Assert.Equal(FailureClass.Preempted, row.FailureClass);
        Assert.StartsWith("10 runs in a row were lost with their silo.", row.Failure, StringComparison.Ordinal);

        // A user who has made room lets it run again.
        Assert.True((await sweep.Retry([FailureClass.Preempted])).Accepted);
        Assert.Equal(4, (await Until.Ended(sweep)).Finished);
    }

    [Fact]
    public async Task A_variant_that_two_sweeps_want_runs_on_when_one_of_them_stops()
    {
        await using var grid = await TestGrid.Start(slots: 2);
        using var hold = new ManualResetEventSlim();
        grid.Runner.Before = (_, stop) => hold.Wait(stop);
        var (one, two) = (grid.Sweep("one"), grid.Sweep("two"));
        await one.Submit(Specs.Tree("one", "max"));
        await Until.True(() => grid.Runner.Count("train") == 1);
        await two.Submit(Specs.Tree("two", "max"));
        await Until.True(two.Status, status => status.Variants.Any(variant => variant.Stage == "train"));

        await one.Stop(null);
        var stopped = await Until.Ended(one);
        Assert.Equal((SweepState.Stopped, 4), (stopped.State, stopped.Waiting));
        Assert.Equal(1, (await two.Status()).Running);
        hold.Set();

        Assert.Equal(4, (await Until.Ended(two)).Finished);
        Assert.Equal(1, grid.Runner.Count("train"));
    }

    [Fact]
    public async Task Runs_of_a_silo_that_leaves_go_on_from_their_checkpoint_on_another()
    {
        await using var grid = await TestGrid.Start(silos: 2);
        using var hold = new ManualResetEventSlim();
        grid.Runner.Hold<TrainStage>(hold);
        var sweep = grid.Sweep("moving");
        await sweep.Submit(Specs.Tree("moving", "max"));
        var running = await Until.True(sweep.Status, status => status.Variants.Length == 1);
        var silo = grid.Cluster.Silos.Single(silo => silo.Name == running.Variants[0].Silo);

        await grid.Cluster.StopSiloAsync(silo, TestContext.Current.CancellationToken);
        await Until.True(() => grid.Runner.Count("train") == 2);
        hold.Set();
        var status = await Until.Ended(sweep);

        Assert.Equal((SweepState.Finished, 4), (status.State, status.Finished));
        Assert.Equal(1, grid.Runner.Resumed["train"]);
    }
}
