using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Sweeps;

public sealed class StopTests
{
    [Fact]
    public async Task A_stop_that_one_variant_did_not_hear_reaches_the_others_and_that_one_later()
    {
        var asked = 0;
        await using var grid = await TestGrid.Start(slots: 2, around: context =>
            context is { MethodName: nameof(IVariantGrain.Stop), Grain: IVariantGrain } && Interlocked.Increment(ref asked) == 1
                ? throw new TimeoutException("no answer within 30 s")
                : context.Invoke());
        using var hold = new ManualResetEventSlim();
        grid.Runner.Before = (_, stop) => hold.Wait(stop);
        var sweep = grid.Sweep("deaf");
        await sweep.Submit(Specs.Tree("deaf", "max") with { Replicates = 2 });
        await Until.True(() => grid.Runner.Count("train") == 2);

        await sweep.Stop(null);
        var status = await Until.Ended(sweep);

        Assert.Equal((SweepState.Stopped, 8), (status.State, status.Waiting));
    }

    [Fact]
    public async Task A_stop_that_could_not_be_stored_is_stored_when_it_is_asked_again()
    {
        await using var grid = await TestGrid.Start();
        using var hold = new ManualResetEventSlim();
        grid.Runner.Hold<TrainStage>(hold);
        var sweep = grid.Sweep("unstored");
        var refuse = Refusing(grid, "sweep-page", after: 0);
        await sweep.Submit(Specs.Tree("unstored", "max"));
        await Until.True(() => grid.Runner.Count("train") == 1);

        Assert.NotNull(await Record.ExceptionAsync(() => sweep.Stop(null)));
        refuse.Set(false);
        await sweep.Stop(null);

        await Until.Ended(sweep);
        await Until.True(() => grid.Storage.All("sweep").Single().Contains("\"State\":\"Stopped\""));
        await Until.True(() => grid.Storage.All("sweep-index").Single().Contains("\"unstored\":false"));
    }

    [Fact]
    public async Task A_run_whose_start_had_no_answer_hears_of_a_stop_that_came_before_its_first_report()
    {
        var (starts, gate) = (0, new TaskCompletionSource());
        await using var grid = await TestGrid.Start(around: async context =>
        {
            // The first start takes place and its answer is lost; later ones do not arrive.
            var isStart = context is { MethodName: nameof(IVariantGrain.Start), Grain: IVariantGrain };
            if (isStart && Interlocked.Increment(ref starts) > 1)
                throw new TimeoutException("no answer within 10 s");
            if (context is { MethodName: nameof(IVariantGrain.Report), Grain: IVariantGrain })
                await gate.Task;
            await context.Invoke();
            if (isStart)
                throw new TimeoutException("no answer within 10 s");
        });
        using var hold = new ManualResetEventSlim();
        grid.Runner.Before = (_, stop) => hold.Wait(stop);
        var sweep = grid.Sweep("unanswered");
        await sweep.Submit(Specs.Tree("unanswered", "max"));
        await Until.True(() => grid.Runner.Count("train") == 1);
        await Until.True(sweep.Status, status => status.Waiting == 4);
        await sweep.Stop(null);

        gate.SetResult();

        await Until.True(grid.Grains.GetGrain<ISlotBrokerGrain>(0).Silos, silos => silos.All(silo => silo.Running.IsEmpty));
        Assert.Equal((SweepState.Stopped, 4), ((await Until.Ended(sweep)).State, (await sweep.Status()).Waiting));
    }

    [Theory]
    [InlineData("sweep-page", 1)]
    [InlineData("sweep", 1)]
    [InlineData("sweep-index", 1)]
    public async Task The_end_of_a_sweep_that_could_not_be_stored_at_first_is_stored_when_it_can(string state, int after)
    {
        await using var grid = await TestGrid.Start();
        var sweep = grid.Sweep("ended");
        var refuse = Refusing(grid, state, after);
        await sweep.Submit(Specs.Tree("ended", "max"));
        await Until.True(() => refuse.Refused > 0 && grid.Storage.All("result").Count() == 4);
        await Until.True(sweep.Status, status => status.State == SweepState.Finished);

        refuse.Set(false);

        await Until.True(() => grid.Storage.All("sweep").Single().Contains("\"State\":\"Finished\""));
        await Until.True(() => grid.Storage.All("sweep-index").Single().Contains("\"ended\":false"));
    }

    [Fact]
    public async Task A_stop_now_leaves_no_checkpoint_and_what_was_committed_is_kept()
    {
        await using var grid = await TestGrid.Start();
        using var hold = new ManualResetEventSlim();
        grid.Runner.Hold<ExportStage>(hold);
        var sweep = grid.Sweep("now");
        await sweep.Submit(Specs.Tree("now", "max"));
        await Until.True(() => grid.Runner.Count("export") == 1);

        await sweep.Stop(TimeSpan.Zero);

        Assert.Equal(SweepState.Stopped, (await Until.Ended(sweep)).State);
        Assert.Empty(Checkpoints(grid));
        hold.Set();
        await sweep.Resume();
        Assert.Equal(4, (await Until.Ended(sweep)).Finished);
        Assert.Equal((1, 0), (grid.Runner.Count("train"), grid.Runner.Resumed.Count));
    }

    [Fact]
    public async Task A_plain_stop_leaves_a_checkpoint_that_the_run_goes_on_from()
    {
        await using var grid = await TestGrid.Start();
        using var hold = new ManualResetEventSlim();
        grid.Runner.Hold<TrainStage>(hold);
        var sweep = grid.Sweep("plain");
        await sweep.Submit(Specs.Tree("plain", "max"));
        await Until.True(() => grid.Runner.Count("train") == 1);

        await sweep.Stop(null);

        await Until.Ended(sweep);
        Assert.Single(Checkpoints(grid));
        hold.Set();
        await sweep.Resume();
        await Until.Ended(sweep);
        Assert.Equal(1, grid.Runner.Resumed["train"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public async Task A_step_that_does_not_end_loses_its_slot_at_the_deadline_and_counts_for_nothing(int deadlineMs)
    {
        await using var grid = await TestGrid.Start(configure: options => options.StopGrace = TimeSpan.FromMilliseconds(200));
        using var hold = new ManualResetEventSlim();
        var returned = new TaskCompletionSource();
        grid.Runner.Before = (request, _) =>
        {
            if (request.Stage is TrainStage && !returned.Task.IsCompleted)
            {
                hold.Wait(TestContext.Current.CancellationToken);
                returned.TrySetResult();
            }
        };
        var stuck = grid.Sweep("stuck");
        await stuck.Submit(Specs.Tree("stuck", "max"));
        await Until.True(() => grid.Runner.Count("train") == 1);

        await stuck.Stop(TimeSpan.FromMilliseconds(deadlineMs));

        Assert.Equal((SweepState.Stopped, 4), ((await Until.Ended(stuck)).State, (await stuck.Status()).Waiting));
        Assert.False(returned.Task.IsCompleted);
        var request = Assert.Single(grid.Runner.Runs);
        var stage = grid.Grains.GetGrain<IStageGrain>(request.Key);

        // Nobody has the stage, although its step goes on; what the step makes is not committed.
        Assert.True((await stage.Claim("other/1")).Granted);
        await stage.Release("other/1");
        hold.Set();
        await returned.Task;
        await Until.True(() => grid.Runner.Ended == 1);
        Assert.Null(await stage.Record());

        await stuck.Resume();
        Assert.Equal(4, (await Until.Ended(stuck)).Finished);
        Assert.Equal(2, grid.Runner.Count("train"));
    }

    [Fact]
    public async Task News_of_a_run_that_goes_on_for_another_sweep_wakes_no_stopped_one()
    {
        await using var grid = await TestGrid.Start(slots: 2);
        using var hold = new ManualResetEventSlim();
        grid.Runner.Before = (_, stop) => hold.Wait(stop);
        var (one, two) = (grid.Sweep("one"), grid.Sweep("two"));
        await one.Submit(Specs.Tree("one", "max"));
        await Until.True(() => grid.Runner.Count("train") == 1);
        await two.Submit(Specs.Tree("two", "max"));
        var variant = (await Until.True(two.Status, status => status.Variants.Length == 1)).Variants[0].Variant;
        await one.Stop(null);
        await Until.Ended(one);

        await one.VariantReached(new(variant, 1, 1_000_000, new("train", 1, 2, "epochs", 0.5, null), null, [], [], "elsewhere"));

        var status = await one.Status();
        Assert.Equal((SweepState.Stopped, 0, 4), (status.State, status.Running, status.Waiting));
        hold.Set();
        Assert.Equal(4, (await Until.Ended(two)).Finished);
    }

    private static string[] Checkpoints(TestGrid grid) =>
        Directory.Exists(Path.Combine(grid.Folder, "checkpoints")) ? Directory.GetFiles(Path.Combine(grid.Folder, "checkpoints"), "*", SearchOption.AllDirectories) : [];

    // Lets the first writes of a state through, those of the submission.
    private static Refusals Refusing(TestGrid grid, string state, int after)
    {
        var (refusals, seen) = (new Refusals(), 0);
        grid.Storage.BeforeWrite = (of, _) =>
        {
            if (of == state && Interlocked.Increment(ref seen) > after && refusals.Refuses)
                throw new IOException("the disk is full");
        };
        return refusals;
    }

    private sealed class Refusals
    {
        private volatile bool on = true;
        private int refused;

        public int Refused => refused;

        /// <summary>True, and counted, while writes are refused.</summary>
        public bool Refuses => on && Interlocked.Increment(ref refused) > 0;

        public void Set(bool refuses) => on = refuses;
    }
}
